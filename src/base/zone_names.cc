// SPDX-License-Identifier: MIT
#include "base/zone_names.h"

#include <absl/time/time.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace stacksampler {
namespace {

constexpr size_t kLongestName = 64;  // the database's longest has 32
constexpr int64_t kMostHours = 14;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

int64_t TwoDigits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

// "+HH", "+HHMM" or "+HH:MM".
std::optional<TimeZone> FixedZone(std::string_view text) {
  const bool has_colon = text.size() == 6 && text[3] == ':';
  const std::string digits =
      std::string(text.substr(1, 2)) + std::string(text.substr(has_colon ? 4 : 3));
  const bool fits = digits.size() == 4 || (digits.size() == 2 && text.size() == 3);
  if (!fits || !std::all_of(digits.begin(), digits.end(), IsDigit)) return {};
  const int64_t hours = TwoDigits(digits);
  const int64_t minutes = digits.size() == 4 ? TwoDigits(digits.substr(2)) : 0;
  if (hours > kMostHours || minutes > 59) return {};
  const int64_t east_ns = (hours * 60 + minutes) * 60 * kSecondNs * (text[0] == '-' ? -1 : 1);
  const std::string name = (text[0] == '-' ? '-' : '+') + digits.substr(0, 2) + ':' +
                           (digits.size() == 4 ? digits.substr(2) : "00");
  return TimeZone(name, [east_ns](int64_t) { return east_ns; });
}

// Names that begin in lower case are the database's own files, "localtime" is the machine's zone,
// which a question never depends on. Without points no name leads upwards.
bool MayNameZone(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || name[0] < 'A' || name[0] > 'Z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

std::optional<TimeZone> FindTimeZone(std::string_view text) {
  if (text == "UTC" || text == "Z") return TimeZone();
  const bool has_sign = !text.empty() && (text[0] == '+' || text[0] == '-' || text[0] == ' ');
  if (has_sign) return text.size() < 3 ? std::nullopt : FixedZone(text);
  if (!MayNameZone(text)) return {};
  const std::string name(text);
  // The library keeps every name that it was asked for.
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(kZoneFolder + name, ignored)) return {};
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return {};
  return TimeZone(name, [zone](int64_t ns) {
    return int64_t{zone.At(absl::FromUnixNanos(ns)).offset} * kSecondNs;
  });
}

}  // namespace stacksampler
