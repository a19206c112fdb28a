// SPDX-License-Identifier: MIT
//
// Purpose: owns a file descriptor.
#ifndef STACKSAMPLER_STORE_UNIQUE_FD_H_
#define STACKSAMPLER_STORE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace stacksampler::store {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_UNIQUE_FD_H_
