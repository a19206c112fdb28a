// SPDX-License-Identifier: MIT
#include <cstdio>

#include "base/time_phrase.h"

namespace stacksampler {
namespace {

constexpr int64_t kMinuteNs = 60 * kSecondNs;
constexpr int64_t kMostEastNs = 14 * 60 * kMinuteNs;

struct Written {
  int64_t local_ns = 0;
  int64_t east_ns = 0;
};

// The format writes whole minutes: the rest of an offset from before there were time zones goes
// into the time.
Written InZone(int64_t ns, const TimeZone& zone) {
  const int64_t east_ns = zone.EastNs(ns) / kMinuteNs * kMinuteNs;
  Written written = {ns, east_ns};
  if (zone.is_utc() || east_ns < -kMostEastNs || east_ns > kMostEastNs) return {ns, 0};
  return AddNanoseconds(east_ns, &written.local_ns) ? written : Written{ns, 0};
}

std::string OffsetText(int64_t east_ns) {
  const auto minutes = static_cast<int>(east_ns / kMinuteNs);
  char text[16];
  std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                std::abs(minutes) % 60);
  return text;
}

std::string LocalText(int64_t ns) {
  const std::chrono::year_month_day date(DayOf(ns));
  const int64_t second = ns / kSecondNs - (ns % kSecondNs < 0 ? 1 : 0);
  const auto of_day = static_cast<int>((second % 86400 + 86400) % 86400);
  const auto fraction = static_cast<int>((ns % kSecondNs + kSecondNs) % kSecondNs);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), of_day / 3600, of_day / 60 % 60, of_day % 60,
                fraction);
  std::string out = text;
  const auto ends_with = [&out](std::string_view end) {
    return std::string_view(out).substr(out.size() - end.size()) == end;
  };
  while (ends_with("000")) out.resize(out.size() - 3);
  if (ends_with(".")) out.pop_back();
  return out;
}

}  // namespace

std::string FormatTime(int64_t ns, const TimeZone& zone) {
  const auto [local_ns, east_ns] = InZone(ns, zone);
  const bool is_utc = zone.is_utc() || (east_ns == 0 && zone.EastNs(ns) != 0);
  return LocalText(local_ns) + (is_utc ? "Z" : OffsetText(east_ns));
}

}  // namespace stacksampler
