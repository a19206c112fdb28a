// SPDX-License-Identifier: MIT
#include "store/legacy_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/errno_status.h"
#include "store/gdbm_file.h"

namespace stacksampler::store {
namespace {

// Takes the lock that gdbm's readers take, and gives it back at once.
Status CheckNotLocked(const UniqueFd& fd, const std::string& path) {
  if (flock(fd.get(), LOCK_SH | LOCK_NB) == 0) {
    flock(fd.get(), LOCK_UN);
    return Status::Ok();
  }
  if (errno != EWOULDBLOCK) return Status::Ok();  // a file system without locks has no lockers
  return {StatusCode::kUnavailable,
          path + " is being written; stop the original collector, or import a copy of the file"};
}

bool SameTime(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

Status Unreadable(const std::string& path, const Status& status) {
  return {status.code(),
          status.message() + "; if " + path +
              " is a database of the original collector, mend a copy of it with `gdbmtool COPY "
              "recover` and import that"};
}

}  // namespace

Result<LegacyFile> LegacyFile::Open(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "stat " + path);
  if (!S_ISREG(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument,
                  path + " is no file; name the gdbm file of the original collector");
  }
  if (Status status = CheckNotLocked(fd, path); !status.ok()) return status;
  return LegacyFile(path, std::move(fd), info);
}

Status LegacyFile::ForEachStack(
    const std::function<void(std::string_view, std::string_view)>& visit) {
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return Unreadable(path_, file.status());
  std::optional<std::string> stack;
  for (;;) {
    const Result<bool> more = file->NextKey(&stack);
    if (!more.ok()) return Unreadable(path_, more.status());
    if (!*more) return Status::Ok();
    const Result<std::string> entries = file->Get(*stack);
    if (!entries.ok()) return Unreadable(path_, entries.status());
    visit(*stack, *entries);
  }
}

Status LegacyFile::CheckUnchanged() const {
  if (Status status = CheckNotLocked(fd_, path_); !status.ok()) return status;
  struct stat now = {};
  if (stat(path_.c_str(), &now) != 0) return ErrnoStatus(errno, "stat " + path_);
  const bool same = now.st_ino == opened_.st_ino && now.st_size == opened_.st_size &&
                    SameTime(now.st_mtim, opened_.st_mtim) &&
                    SameTime(now.st_ctim, opened_.st_ctim);
  if (same) return Status::Ok();
  return {StatusCode::kUnavailable,
          path_ +
              " was written while it was read; stop the original collector, or import a copy "
              "of the file: what is imported already stays, and is not counted again"};
}

}  // namespace stacksampler::store
