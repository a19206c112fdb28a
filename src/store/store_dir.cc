// SPDX-License-Identifier: MIT
#include "store/store_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>

#include "base/errno_status.h"
#include "store/checksum.h"

namespace stacksampler::store {
namespace {

constexpr const char* kStoreName = "STORE";
constexpr const char* kLockFile = "LOCK";
constexpr std::string_view kVersionLine = "stackcollector store version ";
constexpr std::string_view kIdLine = "id ";
constexpr size_t kIdDigits = 16;
constexpr size_t kMaxStoreFileBytes = 4096;
constexpr int kDirMode = 0755;
constexpr int kFileMode = 0644;

Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  std::string bytes(max_bytes, '\0');
  const ssize_t got = read(fd.get(), bytes.data(), bytes.size());
  if (got < 0) return ErrnoStatus(errno, "read " + path);
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

// The magic numbers of gdbm's file formats, 0x13579acd to 0x13579ad1, in either byte order.
bool LooksLikeGdbm(const std::string& path) {
  const Result<std::string> head = ReadSmallFile(path, 4);
  if (!head.ok() || head->size() < 4) return false;
  std::string bytes = *head;
  if (bytes[0] != '\x13') std::reverse(bytes.begin(), bytes.end());
  const auto last = static_cast<uint8_t>(bytes[3]);
  return bytes.compare(0, 3, "\x13\x57\x9a") == 0 && last >= 0xcd && last <= 0xd1;
}

Status NotADirectory(const std::string& path) {
  if (LooksLikeGdbm(path)) {
    return {StatusCode::kInvalidArgument,
            path +
                " is a gdbm file of the original collector's layout, and stays untouched; a "
                "store is a directory: pass another --dbpath"};
  }
  return {StatusCode::kInvalidArgument,
          path + " is not a directory; a store is a directory: pass another --dbpath"};
}

Status NoStore(const std::string& dir, const std::string& why) {
  return {StatusCode::kNotFound,
          "no store at " + dir + ": " + why + "; make one with `collector --dbpath " + dir + "`"};
}

Status BadStoreFile(const std::string& path) {
  return {StatusCode::kDataLoss, path + " is damaged; restore it from a copy of the store"};
}

Result<std::string> ParseStoreFile(const std::string& path, std::string_view text) {
  int version = 0;
  const std::string_view after = text.substr(std::min(kVersionLine.size(), text.size()));
  const auto parsed = std::from_chars(after.data(), after.data() + after.size(), version);
  if (text.substr(0, kVersionLine.size()) != kVersionLine || parsed.ec != std::errc()) {
    return BadStoreFile(path);
  }
  if (version > kFormatVersion) {
    return Status(StatusCode::kUnsupported,
                  path + ": the store has version " + std::to_string(version) +
                      ", this program knows up to " + std::to_string(kFormatVersion) +
                      "; use the newer program");
  }
  const Result<std::string> body = StripCheck(text);
  if (!body.ok()) return BadStoreFile(path);
  const size_t at = body->find(kIdLine);
  if (at == std::string::npos || body->size() < at + kIdLine.size() + kIdDigits) {
    return BadStoreFile(path);
  }
  return body->substr(at + kIdLine.size(), kIdDigits);
}

Result<std::string> NewId() {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) return ErrnoStatus(errno, "getrandom");
  char id[kIdDigits + 1];
  std::snprintf(id, sizeof id, "%016" PRIx64, bits);
  return std::string(id);
}

Status WriteAndSync(const std::string& path, std::string_view text) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.valid()) return ErrnoStatus(errno, "create " + path);
  const ssize_t written = write(fd.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    return ErrnoStatus(written < 0 ? errno : ENOSPC, "write " + path);
  }
  if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + path);
  return Status::Ok();
}

Result<std::string> WriteStoreFile(const std::string& dir) {
  Result<std::string> id = NewId();
  if (!id.ok()) return id;
  const std::string path = StoreFile(dir);
  const std::string text = WithCheck(std::string(kVersionLine) + std::to_string(kFormatVersion) +
                                     "\n" + std::string(kIdLine) + *id + "\n");
  if (Status status = WriteAndSync(path + ".tmp", text); !status.ok()) return status;
  if (rename((path + ".tmp").c_str(), path.c_str()) != 0) {
    return ErrnoStatus(errno, "rename " + path + ".tmp");
  }
  if (Status status = SyncDir(dir); !status.ok()) return status;
  // The new directory's own name lies in its parent, which a service often may not read.
  Status parent = SyncDir(dir + "/..");
  if (!parent.ok() && parent.code() != StatusCode::kPermissionDenied) return parent;
  return id;
}

// Nothing but what an interrupted creation leaves.
Result<bool> IsEmptyForUs(const std::string& dir) {
  const Result<std::vector<std::string>> names = ListNames(dir);
  if (!names.ok()) return names.status();
  return std::all_of(names->begin(), names->end(), [](const std::string& name) {
    return name == kLockFile || name == std::string(kStoreName) + ".tmp" || name == "lost+found";
  });
}

// Makes the directory when it is missing; refuses what is neither a store nor empty.
Status Prepare(const std::string& dir) {
  if (mkdir(dir.c_str(), kDirMode) == 0) return Status::Ok();
  if (errno != EEXIST) {
    return ErrnoStatus(errno, "create " + dir,
                       errno == ENOENT ? "create its parent first, or pass another --dbpath"
                                       : "pass a --dbpath that this user may write");
  }
  const Result<std::string> id = ReadStoreId(dir);
  if (id.ok() || id.status().code() != StatusCode::kNotFound) return id.status();
  const Result<bool> empty = IsEmptyForUs(dir);
  if (!empty.ok()) return empty.status();
  if (*empty) return Status::Ok();
  return {StatusCode::kInvalidArgument,
          dir + " holds other files and no store; pass an empty or a new directory as --dbpath"};
}

}  // namespace

std::string StoreFile(const std::string& dir) { return PathIn(dir, kStoreName); }

Result<std::string> ReadStoreId(const std::string& dir) {
  struct stat info = {};
  if (stat(dir.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return NoStore(dir, "there is no such directory");
    return ErrnoStatus(errno, "open the store " + dir);
  }
  if (!S_ISDIR(info.st_mode)) return NotADirectory(dir);
  const std::string path = StoreFile(dir);
  const Result<std::string> text = ReadSmallFile(path, kMaxStoreFileBytes);
  if (text.ok()) return ParseStoreFile(path, *text);
  if (text.status().code() == StatusCode::kNotFound) return NoStore(dir, "it has no STORE file");
  return text.status();
}

Result<LockedStore> LockStore(const std::string& dir) {
  if (Status status = Prepare(dir); !status.ok()) return status;
  const std::string path = PathIn(dir, kLockFile);
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!lock.valid()) {
    return ErrnoStatus(errno, "open " + path, "pass a --dbpath that this user may write");
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock " + path);
    return Status(StatusCode::kAlreadyExists,
                  dir +
                      " is being written by another collector; stop it, or pass another "
                      "--dbpath");
  }
  Result<std::string> id = ReadStoreId(dir);
  if (!id.ok() && id.status().code() == StatusCode::kNotFound) id = WriteStoreFile(dir);
  if (!id.ok()) return id.status();
  return LockedStore{*std::move(id), std::move(lock)};
}

Status SyncDir(const std::string& dir) {
  const UniqueFd fd(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + dir);
  return Status::Ok();
}

}  // namespace stacksampler::store
