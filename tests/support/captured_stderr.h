// SPDX-License-Identifier: MIT
//
// Purpose: what this process writes to its standard error while the object lives.
// Thread safety: Text() from any thread.
#ifndef STACKSAMPLER_TESTS_SUPPORT_CAPTURED_STDERR_H_
#define STACKSAMPLER_TESTS_SUPPORT_CAPTURED_STDERR_H_

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace stacksampler {

class CapturedStderr {
 public:
  CapturedStderr() : file_(mkstemp(path_)), before_(dup(STDERR_FILENO)) {
    unlink(path_);
    dup2(file_, STDERR_FILENO);
  }
  ~CapturedStderr() {
    dup2(before_, STDERR_FILENO);
    close(before_);
    close(file_);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  [[nodiscard]] std::string Text() const {
    struct stat now {};
    fstat(file_, &now);
    std::string text(static_cast<size_t>(now.st_size), '\0');
    const ssize_t got = pread(file_, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }

 private:
  char path_[32] = "/tmp/captured_stderr.XXXXXX";
  int file_;
  int before_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_CAPTURED_STDERR_H_
