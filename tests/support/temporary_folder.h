// SPDX-License-Identifier: MIT
//
// Purpose: a folder of a test's own that goes away with all that is in it.
#ifndef STACKSAMPLER_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define STACKSAMPLER_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>

namespace stacksampler::tests {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "stacksampler_test.XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
