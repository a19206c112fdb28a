// SPDX-License-Identifier: MIT
//
// Purpose: a directory that goes with the object.
#ifndef STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_TEMP_DIRECTORY_H_
#define STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_TEMP_DIRECTORY_H_

#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/catch.h"

namespace stacksampler::symbolize {

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "symbolize_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_TEMP_DIRECTORY_H_
