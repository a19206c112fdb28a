// SPDX-License-Identifier: MIT
#include "http/socket_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <utility>

#include "base/errno_status.h"
#include "base/unique_fd.h"
#include "http/address.h"

namespace stacksampler::http {
namespace {

constexpr mode_t kMode = 0600;
constexpr mode_t kOthers = 077;
constexpr int kTries = 16;
constexpr int kLockTries = 300;
constexpr int kLockPauseMs = 10;

// Those who start at once take turns, so that one of them gets a dead socket's place. Somebody who
// never lets go of the folder keeps nobody from starting.
class FolderLock {
 public:
  explicit FolderLock(const std::string& path)
      : folder_(
            open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    for (int i = 0; i < kLockTries && folder_.valid(); ++i) {
      if (flock(folder_.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
      poll(nullptr, 0, kLockPauseMs);
    }
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  // By closing alone a child forked meanwhile would keep it.
  ~FolderLock() { flock(folder_.get(), LOCK_UN); }

 private:
  const UniqueFd folder_;
};

Status Failed(int error, const std::string& path) {
  return ErrnoStatus(error, "listen on " + UnixHost(path),
                     "name a path in a folder of this machine where this user may create files");
}

// "process 17 (visualizer)", as far as the kernel tells.
std::string PeerOf(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.pid == 0) {
    return "another process";
  }
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(peer.pid) + "/comm"), name);
  return "process " + std::to_string(peer.pid) + (name.empty() ? "" : " (" + name + ")");
}

Status Taken(const std::string& path, const std::string& why) {
  return {StatusCode::kAlreadyExists,
          "listen on " + UnixHost(path) + ": " + why + "; stop that, or name another path"};
}

enum class Found { kNothing, kStale };

// Anything but a socket that refuses is somebody's.
Result<Found> LookAt(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return Found::kNothing;
    return Failed(errno, path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Status(StatusCode::kAlreadyExists, "listen on " + UnixHost(path) +
                                                  ": the file there is no socket; name another "
                                                  "path, or remove it");
  }
  const SocketAddress address = RawUnixAddress(path);
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Failed(errno, path);
  if (connect(fd.get(), address.get(), address.length) == 0) {
    return Taken(path, PeerOf(fd.get()) + " answers there");
  }
  if (errno == EAGAIN) return Taken(path, "another process listens there");  // its backlog is full
  if (errno == ECONNREFUSED) return Found::kStale;
  return Failed(errno, path);
}

// What stands there may have changed since it was looked at, and only a dead socket may go.
Result<bool> TakeOver(const std::string& from, const std::string& path) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    if (errno == ENOENT) return false;
    return ErrnoStatus(errno, "listen on " + UnixHost(path) + ": replace the socket there",
                       "remove it; nobody answers at it");
  }
  const Result<Found> taken = LookAt(from);
  if (taken.ok() && *taken == Found::kStale) {
    unlink(from.c_str());
    return true;
  }
  renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE);
  return false;
}

Status MoveIntoPlace(const std::string& from, const std::string& path) {
  for (int i = 0; i < kTries; ++i) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
      return Status::Ok();
    }
    if (errno != EEXIST) return Failed(errno, path);
    const Result<Found> found = LookAt(path);
    if (!found.ok()) return found.status();
    if (*found == Found::kNothing) continue;
    const Result<bool> is_ours = TakeOver(from, path);
    if (!is_ours.ok()) return is_ours.status();
    if (*is_ours) return Status::Ok();
  }
  return Taken(path, "others begin to listen there as well");
}

// Seldom another's, and then bind() says so.
std::string TemporaryName(const std::string& path) {
  static_assert(kUnixSuffixBytes == 7);
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto number = static_cast<unsigned long>(now.tv_nsec ^ getpid() << 8);
  char suffix[kUnixSuffixBytes + 1] = "";
  std::snprintf(suffix, sizeof suffix, ".%06lx", number & 0xffffff);
  return path + suffix;
}

// Binds to a name in the same folder that nobody has; 0 or errno.
int BindBeside(int fd, const std::string& path, std::string* name) {
  // The file gets the mode of the socket. Nobody can connect before listen(), whatever it is.
  if (fchmod(fd, kMode) != 0) return errno;
  for (int i = 0; i < kTries; ++i) {
    *name = TemporaryName(path);
    const SocketAddress address = RawUnixAddress(*name);
    if (bind(fd, address.get(), address.length) == 0) return 0;
    if (errno != EADDRINUSE) return errno;
  }
  return EADDRINUSE;
}

}  // namespace

Result<SocketFile> SocketFile::Listen(int fd, const std::string& host, int backlog) {
  if (const auto address = UnixAddress(host); !address.ok()) return address.status();
  const std::string path = UnixPath(host);
  SocketFile file;
  struct stat info {};
  if (const int error = BindBeside(fd, path, &file.path_)) {
    file.Forget();
    return Failed(error, path);
  }
  file.owner_ = getpid();
  if (lstat(file.path_.c_str(), &info) != 0) return Failed(errno, path);
  file.device_ = info.st_dev;
  file.inode_ = info.st_ino;
  if ((info.st_mode & kOthers) != 0) {
    return Status(StatusCode::kUnsupported,
                  "listen on " + UnixHost(path) +
                      ": others could connect in this folder; name one of a file system with "
                      "permissions");
  }
  const FolderLock lock(path);
  if (listen(fd, backlog) != 0) return Failed(errno, path);
  if (Status status = MoveIntoPlace(file.path_, path); !status.ok()) return status;
  file.path_ = path;
  return file;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_),
      owner_(other.owner_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  Remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  owner_ = other.owner_;
  return *this;
}

void SocketFile::Remove() {
  const std::string path = std::exchange(path_, {});
  struct stat info {};
  if (path.empty() || owner_ != getpid() || lstat(path.c_str(), &info) != 0) return;
  const bool is_ours = S_ISSOCK(info.st_mode) && info.st_dev == device_ && info.st_ino == inode_;
  if (is_ours) unlink(path.c_str());
}

}  // namespace stacksampler::http
