// SPDX-License-Identifier: MIT
//
// Purpose: a file that a test writes a token to, and that goes with it.
#ifndef STACKSAMPLER_TESTS_SUPPORT_TOKEN_FILE_H_
#define STACKSAMPLER_TESTS_SUPPORT_TOKEN_FILE_H_

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "support/catch.h"

namespace stacksampler {

class TokenFile {
 public:
  explicit TokenFile(const std::string& bytes) {
    const int fd = mkstemp(path_);
    REQUIRE(fd >= 0);
    REQUIRE(write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    close(fd);
  }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  ~TokenFile() { unlink(path_); }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/token-test.XXXXXX";
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_TOKEN_FILE_H_
