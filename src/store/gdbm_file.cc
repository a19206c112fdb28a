// SPDX-License-Identifier: MIT
#include "store/gdbm_file.h"

#include <fcntl.h>
#include <gdbm.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "base/errno_status.h"

namespace stacksampler::store {
namespace {

// Small blocks: a tenth less on disk than 4096 for values of our sizes, at the same speed.
constexpr int kBlockBytes = 512;
constexpr int kFileMode = 0644;

Status GdbmStatus(gdbm_error error, int system_error, const std::string& what) {
  // A place that cannot be in a file was read from the file.
  const bool told_by_system = gdbm_check_syserr(error) != 0 && error != GDBM_FILE_SEEK_ERROR;
  if (told_by_system && system_error != 0) return ErrnoStatus(system_error, what);
  const StatusCode code = error == GDBM_ITEM_NOT_FOUND ? StatusCode::kNotFound
                          : error == GDBM_MALLOC_ERROR ? StatusCode::kResourceExhausted
                                                       : StatusCode::kDataLoss;
  return {code, what + ": " + gdbm_strerror(error)};
}

datum DatumOf(std::string_view bytes) {
  // gdbm's datum is not const, but it only reads from it.
  return {const_cast<char*>(bytes.data()), static_cast<int>(bytes.size())};
}

}  // namespace

bool IsDamage(const Status& status) {
  return status.code() == StatusCode::kDataLoss || status.code() == StatusCode::kNotFound ||
         status.code() == StatusCode::kUnsupported;
}

void GdbmFile::Closer::operator()(gdbm_file_info* file) const { gdbm_close(file); }

Result<GdbmFile> GdbmFile::Create(const std::string& path) {
  // Without mmap gdbm writes twice as fast, and a full disk is an error instead of a SIGBUS.
  gdbm_file_info* file =
      gdbm_open(path.c_str(), kBlockBytes, GDBM_NEWDB | GDBM_NOLOCK | GDBM_NOMMAP | GDBM_CLOEXEC,
                kFileMode, nullptr);
  if (file == nullptr) return GdbmStatus(gdbm_errno, errno, "create " + path);
  return GdbmFile(path, file);
}

Result<GdbmFile> GdbmFile::Open(const std::string& path) {
  // Without mmap, a file that someone cuts short while it is read is an error, not a SIGBUS.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open " + path);
  gdbm_file_info* file = gdbm_fd_open(
      fd, path.c_str(), 0, GDBM_READER | GDBM_NOLOCK | GDBM_NOMMAP | GDBM_CLOERROR, nullptr);
  if (file == nullptr) return GdbmStatus(gdbm_errno, errno, "open " + path);
  return GdbmFile(path, file);
}

Status GdbmFile::LastError(const std::string& doing) const {
  return GdbmStatus(gdbm_last_errno(file_.get()), gdbm_last_syserr(file_.get()),
                    path_ + ": " + doing);
}

Status GdbmFile::Put(std::string_view key, std::string_view value) {
  if (value.size() > INT_MAX) {
    return {StatusCode::kResourceExhausted, path_ + ": a value passes gdbm's limit of 2 GiB"};
  }
  if (gdbm_store(file_.get(), DatumOf(key), DatumOf(value), GDBM_INSERT) != 0) {
    return LastError("store " + std::string(key));
  }
  return Status::Ok();
}

Result<std::string> GdbmFile::Get(std::string_view key) {
  const datum value = gdbm_fetch(file_.get(), DatumOf(key));
  const std::unique_ptr<char, decltype(&std::free)> owner(value.dptr, &std::free);
  if (owner == nullptr) return LastError("fetch " + std::string(key));
  return std::string(value.dptr, static_cast<size_t>(value.dsize));
}

Result<FileIdentity> GdbmFile::Identity() const {
  return IdentityOf(gdbm_fdesc(file_.get()), path_);
}

Result<bool> GdbmFile::NextKey(std::optional<std::string>* key) {
  const datum next =
      key->has_value() ? gdbm_nextkey(file_.get(), DatumOf(**key)) : gdbm_firstkey(file_.get());
  const std::unique_ptr<char, decltype(&std::free)> owner(next.dptr, &std::free);
  if (owner != nullptr) {
    key->emplace(next.dptr, static_cast<size_t>(next.dsize));
    return true;
  }
  const gdbm_error error = gdbm_last_errno(file_.get());
  if (error == GDBM_ITEM_NOT_FOUND || error == GDBM_NO_ERROR) return false;
  return LastError("go on to the next key");
}

Status GdbmFile::Finish() {
  if (gdbm_sync(file_.get()) != 0) return LastError("sync");
  if (fsync(gdbm_fdesc(file_.get())) != 0) return ErrnoStatus(errno, "fsync " + path_);
  if (gdbm_close(file_.release()) != 0) return GdbmStatus(gdbm_errno, errno, "close " + path_);
  return Status::Ok();
}

Status WriteGdbmFile(const std::string& path, const std::function<Status(GdbmFile*)>& fill) {
  const std::string unfinished = path + ".tmp";
  Result<GdbmFile> file = GdbmFile::Create(unfinished);
  if (!file.ok()) return file.status();
  Status status = fill(&*file);
  if (status.ok()) status = file->Finish();
  if (status.ok() && rename(unfinished.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "rename " + unfinished);
  }
  if (!status.ok()) unlink(unfinished.c_str());
  return status;
}

}  // namespace stacksampler::store
