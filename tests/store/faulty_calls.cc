// SPDX-License-Identifier: MIT
#include "store/faulty_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <map>
#include <mutex>

namespace stacksampler::store {
namespace {

struct State {
  std::atomic<bool> armed{false};
  std::mutex mutex;  // guards the next four: calls come from the store's threads as well
  Fault fault;
  uint64_t calls = 0;
  uint64_t failures = 0;
  std::string failed;
  bool file_sync_fails = false;
  bool dir_sync_fails = false;
  bool follows = false;
  std::string deadly_call;
  std::string deadly_name;
  std::atomic<int> calls_to_live{0};
  std::atomic<uint64_t> bytes_read{0};
  std::map<ino_t, std::string> on_disk;
  std::map<ino_t, std::map<off_t, std::string>> dirty;
};

State& Now() {
  static State& state = *new State;  // for calls after the end of main() as well
  return state;
}

bool Hit(const char* call) {
  State& now = Now();
  if (!now.armed) return false;
  const std::lock_guard<std::mutex> lock(now.mutex);
  const uint64_t number = now.calls++;
  if (number != now.fault.at && !(now.fault.lasting && number > now.fault.at)) return false;
  if (now.failures++ == 0) now.failed = call;
  return true;
}

// How much of a write is to be done; -1 for an error.
ssize_t WriteSize(const char* call, size_t size) {
  if (!Hit(call)) return static_cast<ssize_t>(size);
  if (Now().fault.error == 0) return static_cast<ssize_t>(size / 2);
  errno = Now().fault.error;
  return -1;
}

// Not by the fstat() that fails on demand.
struct stat InfoOf(int fd) {
  struct stat info = {};
  if (syscall(SYS_newfstatat, fd, "", &info, AT_EMPTY_PATH) != 0) info = {};
  return info;
}

ino_t InodeOf(int fd) { return InfoOf(fd).st_ino; }

bool IsDirectory(int fd) { return S_ISDIR(InfoOf(fd).st_mode); }

// What a sync brings to the disk, or loses.
void Settle(int fd, bool fails) {
  State& now = Now();
  const ino_t inode = InodeOf(fd);
  for (const auto& [at, bytes] : now.dirty[inode]) {
    std::string& disk = now.on_disk[inode];
    if (fails) break;
    disk.resize(std::max(disk.size(), static_cast<size_t>(at) + bytes.size()));
    disk.replace(static_cast<size_t>(at), bytes.size(), bytes);
  }
  now.dirty[inode].clear();
}

// Stores whose calls are neither counted nor followed sync from several threads.
int EndSync(int fd, bool fails, long number) {
  const State& now = Now();
  if (now.follows) Settle(fd, fails);
  if (!fails) return now.armed ? 0 : static_cast<int>(syscall(number, fd));
  errno = EIO;
  return -1;
}

int Open(const char* path, int flags, mode_t mode) {
  if (Fails("open")) return -1;
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t Pwrite(int fd, const void* bytes, size_t size, off_t at) {
  const ssize_t part = WriteSize("pwrite", size);
  if (part < 0) return -1;
  State& now = Now();
  if (now.follows) {
    now.dirty[InodeOf(fd)][at].assign(static_cast<const char*>(bytes), static_cast<size_t>(part));
  }
  return syscall(SYS_pwrite64, fd, bytes, part, at);
}

void MayDie(const char* call, const std::string& path) {
  State& now = Now();
  if (now.deadly_call != call) return;
  if (path.compare(path.rfind('/') + 1, now.deadly_name.size(), now.deadly_name) != 0) return;
  if (--now.calls_to_live == 0) kill(getpid(), SIGKILL);
}

ssize_t CountRead(ssize_t bytes) {
  if (bytes > 0) Now().bytes_read += static_cast<uint64_t>(bytes);
  return bytes;
}

}  // namespace

// For calls that cannot come short; such a fault is none of theirs.
bool Fails(const char* call) {
  State& now = Now();
  if (!now.armed || now.fault.error == 0 || !Hit(call)) return false;
  errno = now.fault.error;
  return true;
}

bool FailsToAsk(const char* call) {
  const State& now = Now();
  return now.armed && now.fault.asks && Fails(call);
}

void DieAt(const std::string& call, const std::string& name_begins, int number) {
  Now().deadly_call = call;
  Now().deadly_name = name_begins;
  Now().calls_to_live = number;
}

CountedReads::CountedReads() : before_(Now().bytes_read) {}
uint64_t CountedReads::bytes() const { return Now().bytes_read - before_; }

FaultyCalls::FaultyCalls(const Fault& fault) {
  Now().fault = fault;
  Now().calls = Now().failures = 0;
  Now().failed.clear();
  Now().armed = true;
}
FaultyCalls::~FaultyCalls() { Now().armed = false; }
std::string FaultyCalls::failed() { return Now().failed; }
uint64_t FaultyCalls::failures() { return Now().failures; }

FailingSync::FailingSync(Sync kind) {
  (kind == Sync::kFile ? Now().file_sync_fails : Now().dir_sync_fails) = true;
}
FailingSync::~FailingSync() { Now().file_sync_fails = Now().dir_sync_fails = false; }

ForgetfulDisk::ForgetfulDisk() { Now().follows = true; }
ForgetfulDisk::~ForgetfulDisk() {
  Now().follows = false;
  Now().on_disk.clear();
  Now().dirty.clear();
}
std::string ForgetfulDisk::Content(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? Now().on_disk[info.st_ino] : "";
}

}  // namespace stacksampler::store

namespace faulty = stacksampler::store;

// Seen by libgdbm as well.
#pragma GCC visibility push(default)
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return faulty::Open(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return faulty::Open(path, flags, mode);
}
ssize_t write(int fd, const void* bytes, size_t size) {
  const ssize_t part = faulty::WriteSize("write", size);
  return part < 0 ? -1 : syscall(SYS_write, fd, bytes, part);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return faulty::Pwrite(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t at) {
  return faulty::Pwrite(fd, bytes, size, at);
}
ssize_t read(int fd, void* bytes, size_t size) {
  return faulty::Fails("read") ? -1 : faulty::CountRead(syscall(SYS_read, fd, bytes, size));
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) {
  return faulty::Fails("pread") ? -1 : faulty::CountRead(syscall(SYS_pread64, fd, bytes, size, at));
}
int ftruncate(int fd, off_t size) noexcept {
  return faulty::Fails("ftruncate") ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size));
}
int ftruncate64(int fd, off_t size) noexcept {
  return faulty::Fails("ftruncate") ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size));
}
int rename(const char* from, const char* to) noexcept {
  faulty::MayDie("rename", to);
  return faulty::Fails("rename") ? -1 : static_cast<int>(syscall(SYS_rename, from, to));
}
int link(const char* from, const char* to) noexcept {
  return faulty::Fails("link") ? -1 : static_cast<int>(syscall(SYS_link, from, to));
}
int unlink(const char* path) noexcept {
  faulty::MayDie("unlink", path);
  return faulty::Fails("unlink") ? -1 : static_cast<int>(syscall(SYS_unlink, path));
}
int mkdir(const char* path, mode_t mode) noexcept {
  return faulty::Fails("mkdir") ? -1 : static_cast<int>(syscall(SYS_mkdir, path, mode));
}
int fdatasync(int fd) {
  if (faulty::Fails("fdatasync")) return -1;
  return faulty::EndSync(fd, faulty::Now().file_sync_fails, SYS_fdatasync);
}
int fsync(int fd) {
  if (faulty::Fails("fsync")) return -1;
  return faulty::EndSync(fd, faulty::Now().dir_sync_fails && faulty::IsDirectory(fd), SYS_fsync);
}

}  // extern "C"
#pragma GCC visibility pop
