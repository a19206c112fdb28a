// SPDX-License-Identifier: MIT
#include "store/store_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/errno_status.h"
#include "store/store_file.h"

namespace stacksampler::store {
namespace {

constexpr const char* kLockFile = "LOCK";
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

Status WriteAndSync(const std::string& path, const std::function<std::string(int fd)>& make) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.valid()) return ErrnoStatus(errno, "create " + path);
  const std::string bytes = make(fd.get());
  for (std::string_view text = bytes; !text.empty();) {
    const ssize_t written = write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) return ErrnoStatus(errno, "write " + path);
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync " + path);
  return Status::Ok();
}

// The new directory's own name lies in its parent, which a service often may not read.
Status WriteStoreFile(const std::string& dir, const std::string& id, int version) {
  const auto text = [&](int fd) { return FormatStoreFile({id, BornNs(fd), version}); };
  if (Status status = ReplaceSmallFile(dir, kStoreName, text); !status.ok()) return status;
  Status parent = SyncDir(dir + "/..");
  return parent.code() == StatusCode::kPermissionDenied ? Status::Ok() : parent;
}

Result<std::string> MakeStoreFile(const std::string& dir, int version) {
  Result<std::string> id = NewStoreId();
  if (!id.ok()) return Status(id.status().code(), "id for " + dir + ": " + id.status().message());
  if (Status status = WriteStoreFile(dir, *id, version); !status.ok()) return status;
  return id;
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

Result<StoreText> ReadStoreText(const std::string& dir) {
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

// Two collectors under one name would take each other's windows.
Status TellCopy(const std::string& dir, const StoreText& text, Copies copies, LockedStore* store) {
  const std::string path = StoreFile(dir);
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open " + path);
  const int64_t born_ns = BornNs(fd.get());
  if (born_ns == text.born_ns || born_ns == 0) return Status::Ok();
  if (text.born_ns == 0 || copies == Copies::kKeepId) {
    (void)WriteStoreFile(dir, text.id,
                         text.version);  // of a version that did not write it, or moved: at leisure
    return Status::Ok();
  }
  Result<std::string> id = MakeStoreFile(dir, text.version);
  if (!id.ok()) return id.status();
  store->id = *std::move(id);
  store->told = dir +
                " is a copy of another store: it gets an id of its own, and what its targets " +
                "had not given to the other one stays with that one";
  return Status::Ok();
}

}  // namespace

std::string StoreFile(const std::string& dir) { return PathIn(dir, kStoreName); }

Result<std::string> ReadStoreId(const std::string& dir) {
  const Result<StoreText> text = ReadStoreText(dir);
  if (!text.ok()) return text.status();
  return text->id;
}

Result<LockedStore> LockStore(const std::string& dir, Copies copies) {
  if (Status status = Prepare(dir); !status.ok()) return status;
  Result<UniqueFd> lock = LockDir(dir);
  if (!lock.ok()) return lock.status();
  const Result<StoreText> text = ReadStoreText(dir);
  if (!text.ok() && text.status().code() != StatusCode::kNotFound) return text.status();
  Result<std::string> id = text.ok() ? text->id : MakeStoreFile(dir, kFormatVersion);
  if (!id.ok()) return id.status();
  LockedStore store{*std::move(id), *std::move(lock), ""};
  if (text.ok()) {
    if (Status status = TellCopy(dir, *text, copies, &store); !status.ok()) return status;
  }
  return store;
}

Status RaiseVersion(const std::string& dir) {
  const Result<StoreText> text = ReadStoreText(dir);
  if (!text.ok()) return text.status();
  if (text->version >= kFormatVersion) return SyncDir(dir);  // who raised it may not have lived to
  return WriteStoreFile(dir, text->id, kFormatVersion);
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
  if (const auto found = text.ok() ? FindStoreId(*text) : std::nullopt) {
    if (Status status = WriteStoreFile(dir, *found, kFormatVersion); !status.ok()) return status;
    return RestoredStore{*std::move(lock), path + ": written anew with the id that was in it"};
  }
  const Result<std::string> made = MakeStoreFile(dir, kFormatVersion);
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
  return ReplaceSmallFile(dir, name, [&](int) { return std::string(text); });
}

Status ReplaceSmallFile(const std::string& dir, const std::string& name,
                        const std::function<std::string(int fd)>& text) {
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
