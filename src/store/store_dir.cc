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
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "base/errno_status.h"
#include "store/checksum.h"

namespace stacksampler::store {
namespace {

constexpr const char* kLockFile = "LOCK";
constexpr std::string_view kVersionLine = "stackcollector store version ";
constexpr std::string_view kIdLine = "id ";
constexpr size_t kIdDigits = 16;
// Ours have some lines; one for each target of an import.
constexpr size_t kMaxSmallFileBytes = size_t{64} << 20;
constexpr int kLockTries = 5;
constexpr std::chrono::milliseconds kLockPause{10};
constexpr int kDirMode = 0755;
constexpr int kFileMode = 0644;

// The magic numbers of gdbm's file formats, 0x13579acd to 0x13579ad1, in either byte order.
bool LooksLikeGdbm(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes(4, '\0');
  if (!fd.valid() || read(fd.get(), bytes.data(), bytes.size()) != 4) return false;
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
  return {StatusCode::kNotFound, "no store at " + dir + ": " + why +
                                     "; make one with `collector --host localhost --dbpath " + dir +
                                     "`"};
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
  while (!text.empty()) {
    const ssize_t written = write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) return ErrnoStatus(errno, "write " + path);
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + path);
  return Status::Ok();
}

Status WriteStoreFile(const std::string& dir, const std::string& id) {
  const std::string text = WithCheck(std::string(kVersionLine) + std::to_string(kFormatVersion) +
                                     "\n" + std::string(kIdLine) + id + "\n");
  if (Status status = ReplaceSmallFile(dir, kStoreName, text); !status.ok()) return status;
  // The new directory's own name lies in its parent, which a service often may not read.
  Status parent = SyncDir(dir + "/..");
  return parent.code() == StatusCode::kPermissionDenied ? Status::Ok() : parent;
}

Result<std::string> MakeStoreFile(const std::string& dir) {
  Result<std::string> id = NewId();
  if (!id.ok()) return id;
  if (Status status = WriteStoreFile(dir, *id); !status.ok()) return status;
  return id;
}

// What reads like an id in a STORE file whose check does not fit.
std::optional<std::string> FindId(std::string_view text) {
  const size_t at = text.find(kIdLine);
  if (at == std::string_view::npos || text.size() < at + kIdLine.size() + kIdDigits) return {};
  const std::string_view id = text.substr(at + kIdLine.size(), kIdDigits);
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
  return std::string(id);
}

Result<UniqueFd> LockDir(const std::string& dir) {
  const std::string path = PathIn(dir, kLockFile);
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!lock.valid()) {
    return ErrnoStatus(errno, "open " + path, "pass a --dbpath that this user may write");
  }
  // HasWriter() holds it for a moment, and is no writer.
  int locked = -1;
  for (int tries = 0; tries < kLockTries && locked != 0; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(kLockPause);
    locked = flock(lock.get(), LOCK_EX | LOCK_NB);
    if (locked != 0 && errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock " + path);
  }
  if (locked == 0) return lock;
  return Status(StatusCode::kAlreadyExists,
                dir + " is being written by another collector; stop it, or pass another --dbpath");
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
    return ErrnoStatus(errno, "open the store " + dir,
                       "run this as a user who may enter it, the collector's for example");
  }
  if (!S_ISDIR(info.st_mode)) return NotADirectory(dir);
  const std::string path = StoreFile(dir);
  const Result<std::string> text = ReadSmallFile(path);
  if (text.ok()) return ParseStoreFile(path, *text);
  if (text.status().code() == StatusCode::kNotFound) return NoStore(dir, "it has no STORE file");
  return text.status();
}

Result<LockedStore> LockStore(const std::string& dir) {
  if (Status status = Prepare(dir); !status.ok()) return status;
  Result<UniqueFd> lock = LockDir(dir);
  if (!lock.ok()) return lock.status();
  Result<std::string> id = ReadStoreId(dir);
  if (!id.ok() && id.status().code() == StatusCode::kNotFound) id = MakeStoreFile(dir);
  if (!id.ok()) return id.status();
  return LockedStore{*std::move(id), *std::move(lock)};
}

Result<RestoredStore> RestoreStore(const std::string& dir) {
  const Result<Listing> listing = ListStore(dir);
  if (!listing.ok()) return listing.status();
  const Result<std::string> id = ReadStoreId(dir);
  const bool damaged = id.status().code() == StatusCode::kDataLoss;
  const bool missing = id.status().code() == StatusCode::kNotFound &&
                       !(listing->segments.empty() && listing->journals.empty());
  if (!id.ok() && !damaged && !missing) return id.status();
  Result<UniqueFd> lock = LockDir(dir);
  if (!lock.ok()) return lock.status();
  if (id.ok()) return RestoredStore{*std::move(lock), ""};
  const std::string path = StoreFile(dir);
  const Result<std::string> text = ReadSmallFile(path);
  // A file that only cannot be read now may have the id.
  if (!text.ok() && !missing) return text.status();
  if (const auto found = text.ok() ? FindId(*text) : std::nullopt) {
    if (Status status = WriteStoreFile(dir, *found); !status.ok()) return status;
    return RestoredStore{*std::move(lock), path + ": written anew with the id that was in it"};
  }
  const Result<std::string> made = MakeStoreFile(dir);
  if (!made.ok()) return made.status();
  return RestoredStore{*std::move(lock),
                       path +
                           ": written anew with a new id; targets take this collector for "
                           "another one, and offer once more what they have"};
}

bool HasWriter(const std::string& dir) {
  const UniqueFd lock(open(PathIn(dir, kLockFile).c_str(), O_RDONLY | O_CLOEXEC));
  return lock.valid() && flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<std::string> ReadSmallFile(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  std::string bytes;
  for (char part[4096];;) {
    const ssize_t got = read(fd.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read " + path);
    if (got == 0 || bytes.size() > kMaxSmallFileBytes) return bytes;
    bytes.append(part, static_cast<size_t>(got));
  }
}

Status ReplaceSmallFile(const std::string& dir, const std::string& name, std::string_view text) {
  const std::string path = PathIn(dir, name);
  const std::string unfinished = path + ".tmp";
  Status status = WriteAndSync(unfinished, text);
  if (status.ok() && rename(unfinished.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "rename " + unfinished);
  }
  if (status.ok()) return SyncDir(dir);
  unlink(unfinished.c_str());
  return status;
}

Status SyncDir(const std::string& dir) {
  const UniqueFd fd(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + dir);
  return Status::Ok();
}

}  // namespace stacksampler::store
