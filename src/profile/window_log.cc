// SPDX-License-Identifier: MIT
#include "profile/window_log.h"

#include <string_view>

#include "profile/whole_file.h"
#include "stacksampler/pprof.h"

namespace stacksampler {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxWindowLogBytes = size_t{4} << 30;

std::string Length(uint64_t length) {
  std::string bytes;
  for (size_t i = 0; i < kLengthBytes; ++i) bytes += static_cast<char>(length >> (8 * i));
  return bytes;
}

uint64_t ParseLength(std::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return length;
}

}  // namespace

Status AppendWindow(const std::string& path, const Profile& window) {
  const std::string pprof = EncodePprof(window);
  return AppendToFile(path, Length(pprof.size()) + pprof);
}

Status AppendEnd(const std::string& path) { return AppendToFile(path, Length(0)); }

Result<WindowLog> ReadWindowLog(const std::string& path) {
  const Result<std::string> bytes = ReadWholeFile(path, kMaxWindowLogBytes);
  if (!bytes.ok()) return bytes.status();
  WindowLog log;
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const uint64_t length = rest.size() < kLengthBytes ? UINT64_MAX : ParseLength(rest);
    log.cut_off = rest.size() < kLengthBytes || length > rest.size() - kLengthBytes;
    if (log.cut_off) break;
    const std::string_view record = rest.substr(kLengthBytes, length);
    rest.remove_prefix(kLengthBytes + length);
    log.ended = record.empty();
    if (record.empty()) continue;
    const Result<Profile> window = DecodePprof(record);
    log.cut_off = !window.ok();
    if (log.cut_off) break;
    log.profile.Merge(*window);
    ++log.windows;
  }
  return log;
}

}  // namespace stacksampler
