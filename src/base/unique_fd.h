// SPDX-License-Identifier: MIT
//
// Purpose: a descriptor that closes itself.
// Thread safety: as an int.
// Signal safety: all members are async-signal-safe.
#ifndef STACKSAMPLER_BASE_UNIQUE_FD_H_
#define STACKSAMPLER_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace stacksampler {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { Close(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  /// Gives the number up without closing it: it stands for somebody else's file.
  void Release() { fd_ = -1; }

 private:
  int fd_ = -1;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_UNIQUE_FD_H_
