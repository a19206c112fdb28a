// SPDX-License-Identifier: MIT
#include "collector/keep.h"

#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace stacksampler::collector {
namespace {

using Unit = std::pair<char, int64_t>;

// A whole number and one of the units; "0" needs none.
std::optional<int64_t> Parse(std::string_view text, std::initializer_list<Unit> units) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  if (number == 0 && parsed.ptr == end) return 0;
  if (parsed.ptr + 1 != end) return std::nullopt;
  for (const auto& [letter, size] : units) {
    int64_t product = 0;
    if (letter != *parsed.ptr || __builtin_mul_overflow(number, size, &product)) continue;
    return product;
  }
  return std::nullopt;
}

Status Bad(const std::string& option, const std::string& text, const char* form) {
  return {StatusCode::kInvalidArgument, option + ": \"" + text + "\" is not " + form};
}

}  // namespace

Result<int64_t> ParseAge(const std::string& option, const std::string& text) {
  constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;
  constexpr int64_t kDay = 24 * kHour;
  const auto age = Parse(text, {{'h', kHour}, {'d', kDay}, {'w', 7 * kDay}, {'y', 365 * kDay}});
  if (age) return *age;
  return Bad(option, text, "a time such as 36h, 30d, 8w or 2y, or 0 for ever");
}

Result<int64_t> ParseBucket(const std::string& option, const std::string& text) {
  constexpr int64_t kMaxMs = 1000;
  if (text == "1s") return kMaxMs;
  const bool is_ms = text.size() > 2 && text.compare(text.size() - 2, 2, "ms") == 0;
  const auto ms = is_ms ? Parse(text.substr(0, text.size() - 1), {{'m', 1}}) : std::nullopt;
  if (ms && *ms >= 1 && kMaxMs % *ms == 0) return *ms;
  return Bad(option, text, "a whole part of a second, from 1ms to 1s, such as 20ms");
}

Result<uint64_t> ParseBytes(const std::string& option, const std::string& text) {
  constexpr int64_t kKiB = 1024;
  const auto bytes = Parse(text, {{'K', kKiB},
                                  {'M', kKiB * kKiB},
                                  {'G', kKiB * kKiB * kKiB},
                                  {'T', kKiB * kKiB * kKiB * kKiB}});
  if (bytes) return static_cast<uint64_t>(*bytes);
  return Bad(option, text, "a size such as 500M, 10G or 1T, or 0 for no limit");
}

}  // namespace stacksampler::collector
