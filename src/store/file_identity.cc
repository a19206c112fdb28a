// SPDX-License-Identifier: MIT
#include "store/file_identity.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/errno_status.h"

namespace stacksampler::store {
namespace {

FileIdentity Of(const struct stat& info) {
  return {info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

}  // namespace

Result<FileIdentity> IdentityAt(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "stat " + path);
  return Of(info);
}

Result<FileIdentity> IdentityOf(int descriptor, const std::string& path) {
  struct stat info = {};
  if (fstat(descriptor, &info) != 0) return ErrnoStatus(errno, "stat " + path);
  return Of(info);
}

}  // namespace stacksampler::store
