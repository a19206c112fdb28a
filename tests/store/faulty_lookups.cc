// SPDX-License-Identifier: MIT
//
// The calls of faulty_calls.h that ask about files and directories, or let go of them.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "store/faulty_calls.h"

namespace faulty = stacksampler::store;

namespace {

// libc's own: what a directory's handle is, only it knows.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <typename Info>
int StatAt(int fd, const char* path, Info* info, int flags) {
  if (faulty::FailsToAsk("stat")) return -1;
  return static_cast<int>(syscall(SYS_newfstatat, fd, path, info, flags));
}

off_t Seek(int fd, off_t at, int from) {
  return faulty::FailsToAsk("lseek") ? -1 : syscall(SYS_lseek, fd, at, from);
}

}  // namespace

// Seen by libgdbm as well.
#pragma GCC visibility push(default)
extern "C" {

int stat(const char* path, struct stat* info) noexcept { return StatAt(AT_FDCWD, path, info, 0); }
int stat64(const char* path, struct stat64* info) noexcept {
  return StatAt(AT_FDCWD, path, info, 0);
}
int fstat(int fd, struct stat* info) noexcept { return StatAt(fd, "", info, AT_EMPTY_PATH); }
int fstat64(int fd, struct stat64* info) noexcept { return StatAt(fd, "", info, AT_EMPTY_PATH); }
int statx(int fd, const char* path, int flags, unsigned mask, struct statx* info) noexcept {
  if (faulty::FailsToAsk("statx")) return -1;
  return static_cast<int>(syscall(SYS_statx, fd, path, flags, mask, info));
}
int access(const char* path, int mode) noexcept {
  return faulty::FailsToAsk("access")
             ? -1
             : static_cast<int>(syscall(SYS_faccessat, AT_FDCWD, path, mode));
}
off_t lseek(int fd, off_t at, int from) noexcept { return Seek(fd, at, from); }
off64_t lseek64(int fd, off64_t at, int from) noexcept { return Seek(fd, at, from); }
int flock(int fd, int operation) noexcept {
  return faulty::FailsToAsk("flock") ? -1 : static_cast<int>(syscall(SYS_flock, fd, operation));
}
// Closed all the same, as Linux does.
int close(int fd) {
  const bool fails = faulty::FailsToAsk("close");
  const int error = errno;
  const auto closed = static_cast<int>(syscall(SYS_close, fd));
  if (!fails) return closed;
  errno = error;
  return -1;
}
ssize_t getrandom(void* bytes, size_t size, unsigned flags) {
  return faulty::FailsToAsk("getrandom") ? -1 : syscall(SYS_getrandom, bytes, size, flags);
}
DIR* opendir(const char* path) {
  static const auto next = Next<DIR*(const char*)>("opendir");
  return faulty::FailsToAsk("opendir") ? nullptr : next(path);
}
dirent* readdir(DIR* dir) {
  static const auto next = Next<dirent*(DIR*)>("readdir");
  return faulty::FailsToAsk("readdir") ? nullptr : next(dir);
}

}  // extern "C"
#pragma GCC visibility pop
