// SPDX-License-Identifier: MIT
#include "visualizer/source_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/errno_status.h"
#include "base/unique_fd.h"

namespace stacksampler::visualizer {
namespace {

constexpr const char* kNotThere = "no such file below the source roots";

std::optional<std::string> RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), free);
  if (real == nullptr) return {};
  return std::string(real.get());
}

bool IsBelow(const std::string& path, const std::string& dir) {
  return dir == "/" || path.compare(0, dir.size() + 1, dir + '/') == 0;
}

/// Of a relative name without the way up that it begins with.
std::string WithoutWayUp(const std::string& file) {
  size_t begin = 0;
  for (;;) {
    if (file.compare(begin, 3, "../") == 0) {
      begin += 3;
    } else if (file.compare(begin, 2, "./") == 0) {
      begin += 2;
    } else {
      return file.substr(begin);
    }
  }
}

/// What stands below the root when `file` was recorded; nullopt when it is none of its files.
std::optional<std::string> BelowRecorded(const std::string& file, const std::string& recorded) {
  if (IsBelow(file, recorded)) return file.substr(recorded.size());
  if (file.front() == '/') return {};
  return WithoutWayUp(file);
}

/// What an open file is called now: the name may have changed hands since it was resolved.
std::optional<std::string> NameOf(const UniqueFd& file) {
  char name[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(file.get());
  const ssize_t length = readlink(link.c_str(), name, sizeof name);
  if (length <= 0 || length >= static_cast<ssize_t>(sizeof name)) return {};
  return std::string(name, static_cast<size_t>(length));
}

Status Refuse(const std::string& reason) { return {StatusCode::kInvalidArgument, reason}; }

/// Opening may already do something to a device or a pipe: its kind is asked before, and again.
Status CheckKind(const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) return Refuse("it is no regular file");
  if (facts.st_size > static_cast<off_t>(kMaxSourceBytes)) return Refuse("it is larger than 2 MiB");
  return Status::Ok();
}

Result<std::string> ReadAll(const UniqueFd& file) {
  std::string text(kMaxSourceBytes + 1, '\0');
  size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read the source");
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > kMaxSourceBytes) return Refuse("it is larger than 2 MiB");
  text.resize(length);
  if (text.find('\0') != std::string::npos) return Refuse("it is no text");
  return text;
}

Result<std::string> ReadBelow(const std::string& path, const std::string& dir) {
  const auto real = RealPath(path);
  if (!real || !IsBelow(*real, dir)) return Status(StatusCode::kNotFound, kNotThere);
  struct stat facts {};
  if (lstat(real->c_str(), &facts) != 0) return Status(StatusCode::kNotFound, kNotThere);
  if (const Status kind = CheckKind(facts); !kind.ok()) return kind;
  const UniqueFd file(
      open(real->c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) return ErrnoStatus(errno, "open the source");
  const auto name = NameOf(file);
  if (!name || !IsBelow(*name, dir)) return Status(StatusCode::kNotFound, kNotThere);
  if (fstat(file.get(), &facts) != 0) return ErrnoStatus(errno, "look at the source");
  if (const Status kind = CheckKind(facts); !kind.ok()) return kind;
  return ReadAll(file);
}

Status NoFolder(const std::string& root, const std::string& dir) {
  return {StatusCode::kInvalidArgument,
          "--source-root " + root + ": '" + dir +
              "' is no folder that can be read; pass DIR, or RECORDED=DIR"};
}

}  // namespace

Result<SourceFiles> SourceFiles::Open(const std::vector<std::string>& roots) {
  SourceFiles files;
  for (const std::string& root : roots) {
    const size_t equals = root.find('=');
    const std::string dir = equals == std::string::npos ? root : root.substr(equals + 1);
    const auto real = RealPath(dir);
    struct stat facts {};
    if (!real || stat(real->c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
      return NoFolder(root, dir);
    }
    std::string recorded = equals == std::string::npos ? *real : root.substr(0, equals);
    while (recorded.size() > 1 && recorded.back() == '/') recorded.pop_back();
    files.roots_.push_back({recorded, *real});
  }
  return files;
}

Result<std::string> SourceFiles::Read(const std::string& file) const {
  if (file.empty() || file.find('\0') != std::string::npos || file.size() >= PATH_MAX) {
    return Status(StatusCode::kNotFound, kNotThere);
  }
  Status last(StatusCode::kNotFound, kNotThere);
  for (const Root& root : roots_) {
    const auto below = BelowRecorded(file, root.recorded);
    if (!below) continue;
    auto text = ReadBelow(root.dir + '/' + *below, root.dir);
    if (text.ok()) return text;
    if (text.status().code() != StatusCode::kNotFound) last = text.status();
  }
  return last;
}

}  // namespace stacksampler::visualizer
