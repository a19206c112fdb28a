// SPDX-License-Identifier: MIT
//
// Purpose: the file by which others find a unix socket. It appears under its name only when it is
//   listened on and nobody but its owner may connect (mode 0600), takes the place of a socket that
//   nobody answers at, and of nothing else.
// Thread safety: none.
// Signal safety: none.
// Errors: kAlreadyExists (another process answers there, or it is no socket), kPermissionDenied, ...;
//   messages name the path and the way out.
#ifndef STACKSAMPLER_HTTP_SOCKET_FILE_H_
#define STACKSAMPLER_HTTP_SOCKET_FILE_H_

#include <sys/types.h>

#include <string>

#include "stacksampler/status.h"

namespace stacksampler::http {

class SocketFile {
 public:
  SocketFile() = default;
  /// Binds `fd`, a unix stream socket, to the path of `host` ("unix:/run/app.sock"), and listens.
  static Result<SocketFile> Listen(int fd, const std::string& host, int backlog);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  /// Removes it.
  ~SocketFile() { Remove(); }

  /// Unlinks the file if it is still the one that was made here; in a forked child it is let be.
  /// REQUIRES: the socket is open yet, so that no other file can have got its inode's number.
  void Remove();
  /// Leaves the file where it is: the socket is not ours any more.
  void Forget() { path_.clear(); }

 private:
  std::string path_;  // "" when there is none
  dev_t device_ = 0;
  ino_t inode_ = 0;
  pid_t owner_ = 0;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_SOCKET_FILE_H_
