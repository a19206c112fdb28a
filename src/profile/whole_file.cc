// SPDX-License-Identifier: MIT
#include "profile/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/errno_status.h"

namespace stacksampler {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

// Owns a descriptor; standard input and output are borrowed.
class File {
 public:
  File(const std::string& path, int flags, int standard)
      : fd_(path == "-" ? standard : open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// Some file systems tell of a full disk here first.
  int Close() { return close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

Status CannotOpen(int error, const std::string& path) {
  const bool denied = error == EACCES || error == EPERM;
  const bool absent = error == ENOENT || error == ENOTDIR;
  return ErrnoStatus(error, "open " + path,
                     denied   ? "its owner can read it, or chmod a+r it"
                     : absent ? "check the name"
                              : "");
}

Status CannotWrite(int error, const std::string& path) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return ErrnoStatus(error, "write " + path,
                     denied ? "name a file in a folder where you may write" : "");
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool WrittenInPlace(const std::string& path) {
  struct stat info {};
  return path == "-" || (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode));
}

Status WriteInPlace(const std::string& path, std::string_view bytes) {
  const File file(path, O_WRONLY, STDOUT_FILENO);
  if (file.fd() < 0 || !WriteAll(file.fd(), bytes)) return CannotWrite(errno, path);
  return Status::Ok();
}

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  const File file(path, O_RDONLY, STDIN_FILENO);
  if (file.fd() < 0) return CannotOpen(errno, path);
  std::string bytes;
  for (;;) {
    const size_t used = bytes.size();
    bytes.resize(used + kChunkBytes);
    const ssize_t got = read(file.fd(), bytes.data() + used, kChunkBytes);
    bytes.resize(used + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) return ErrnoStatus(errno, "read " + path);
    if (got == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return Status(StatusCode::kResourceExhausted,
                    "read " + path + ": larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

Status WriteWholeFile(const std::string& path, std::string_view bytes) {
  if (WrittenInPlace(path)) return WriteInPlace(path, bytes);
  const std::string temporary = path + ".tmp-" + std::to_string(getpid());
  File file(temporary, O_WRONLY | O_CREAT | O_TRUNC, -1);
  if (file.fd() < 0) return CannotWrite(errno, path);
  if (!WriteAll(file.fd(), bytes) || file.Close() != 0 ||
      rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return CannotWrite(error, path);
  }
  return Status::Ok();
}

Status AppendToFile(const std::string& path, std::string_view bytes) {
  const File file(path, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
  struct stat before {};
  if (file.fd() < 0 || fstat(file.fd(), &before) != 0) return ErrnoStatus(errno, "write " + path);
  if (WriteAll(file.fd(), bytes)) return Status::Ok();
  Status status = ErrnoStatus(errno, "write " + path);
  // What is no regular file cannot take bytes back.
  if (S_ISREG(before.st_mode) && ftruncate(file.fd(), before.st_size) != 0) {
    return ErrnoStatus(errno, "truncate " + path);
  }
  return status;
}

}  // namespace stacksampler
