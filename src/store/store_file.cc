// SPDX-License-Identifier: MIT
#include "store/store_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>

#include "base/errno_status.h"
#include "store/checksum.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kVersionLine = "stackcollector store version ";
constexpr std::string_view kIdLine = "id ";
constexpr std::string_view kBornLine = "born ";
constexpr size_t kIdDigits = 16;

Status BadStoreFile(const std::string& path) {
  return {StatusCode::kDataLoss, path + " is damaged; restore it from a copy of the store"};
}

// 0 when there is no such line: older versions did not write it.
int64_t FindBorn(std::string_view body) {
  const size_t at = body.find(kBornLine);
  int64_t born_ns = 0;
  if (at == std::string_view::npos) return born_ns;
  const std::string_view digits = body.substr(at + kBornLine.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), born_ns);
  return born_ns;
}

}  // namespace

std::string FormatStoreFile(const StoreText& text) {
  std::string body = std::string(kVersionLine) + std::to_string(text.version) + "\n" +
                     std::string(kIdLine) + text.id + "\n";
  if (text.born_ns != 0) body += std::string(kBornLine) + std::to_string(text.born_ns) + "\n";
  return WithCheck(body);
}

Result<StoreText> ParseStoreFile(const std::string& path, std::string_view text) {
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
  return StoreText{body->substr(at + kIdLine.size(), kIdDigits), FindBorn(*body), version};
}

std::optional<std::string> FindStoreId(std::string_view text) {
  const size_t at = text.find(kIdLine);
  if (at == std::string_view::npos || text.size() < at + kIdLine.size() + kIdDigits) return {};
  const std::string_view id = text.substr(at + kIdLine.size(), kIdDigits);
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
  return std::string(id);
}

Result<std::string> NewStoreId() {
  uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits) return ErrnoStatus(errno, "getrandom");
  char id[kIdDigits + 1];
  std::snprintf(id, sizeof id, "%016" PRIx64, bits);
  return std::string(id);
}

int64_t BornNs(int fd) {
  struct statx info = {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &info) != 0) return 0;
  if ((info.stx_mask & STATX_BTIME) == 0) return 0;
  return info.stx_btime.tv_sec * int64_t{1'000'000'000} + info.stx_btime.tv_nsec;
}

}  // namespace stacksampler::store
