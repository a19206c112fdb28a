// SPDX-License-Identifier: MIT
#include "http/wake.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

#include "base/errno_status.h"

namespace stacksampler::http {

FdIdentity::FdIdentity(int fd) {
  struct stat file {};
  if (fstat(fd, &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

bool FdIdentity::Is(int fd) const {
  struct stat file {};
  return fstat(fd, &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
}

Result<UniqueFd> OpenWake() {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  socklen_t length = sizeof(sa_family_t);  // no name given: the kernel chooses an abstract one
  const bool bound = fd.valid() && bind(fd.get(), address, length) == 0;
  length = sizeof name;
  if (!bound || getsockname(fd.get(), address, &length) != 0 ||
      connect(fd.get(), address, length) != 0) {
    return ErrnoStatus(errno, "serve HTTP: create the socket that wakes its thread");
  }
  return fd;
}

void SendWake(int fd) {
  const char byte = 0;
  static_cast<void>(send(fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL));  // full: awake already
}

void TakeWakes(int fd) {
  char byte = 0;
  while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0) {
  }
}

}  // namespace stacksampler::http
