// SPDX-License-Identifier: MIT
#include "base/civil_time.h"

#include <algorithm>

namespace stacksampler {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int64_t kMostMonths = 12 * (kLastYear - kFirstYear + 1);

constexpr int64_t StartOfYear(int year) {
  const sys_days day = std::chrono::year(year) / 1 / 1;
  return day.time_since_epoch().count() * kDayNs;
}
constexpr int64_t kFirstNs = StartOfYear(kFirstYear);
constexpr int64_t kLastNs = StartOfYear(kLastYear + 1) - 1;

bool InRange(int64_t ns) { return ns >= kFirstNs && ns <= kLastNs; }

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

sys_days FirstOfMonths(sys_days day, int months) {
  const year_month_day date(day);
  const unsigned month = static_cast<unsigned>(date.month()) - 1;
  const auto first = month - month % static_cast<unsigned>(months) + 1;
  return date.year() / std::chrono::month(first) / 1;
}

sys_days MondayBefore(sys_days day) {
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

}  // namespace

int MonthsIn(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMonth:
      return 1;
    case TimeUnit::kQuarter:
      return 3;
    case TimeUnit::kYear:
      return 12;
    default:
      return 0;
  }
}

int64_t NanosecondsIn(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMillisecond:
      return kSecondNs / 1000;
    case TimeUnit::kSecond:
      return kSecondNs;
    case TimeUnit::kMinute:
      return 60 * kSecondNs;
    case TimeUnit::kHour:
      return 3600 * kSecondNs;
    case TimeUnit::kWeek:
      return 7 * kDayNs;
    default:
      return kDayNs;
  }
}

sys_days DayOf(int64_t ns) { return sys_days(days(FloorDivide(ns, kDayNs))); }

std::optional<int64_t> NsOf(sys_days day, int64_t ns_of_day) {
  int64_t ns = 0;
  if (__builtin_mul_overflow(int64_t{day.time_since_epoch().count()}, kDayNs, &ns)) return {};
  if (__builtin_add_overflow(ns, ns_of_day, &ns) || !InRange(ns)) return {};
  return ns;
}

bool AddNanoseconds(int64_t amount_ns, int64_t* ns) {
  return !__builtin_add_overflow(*ns, amount_ns, ns) && InRange(*ns);
}

bool AddMonths(int64_t months, int64_t* ns) {
  if (months < -kMostMonths || months > kMostMonths) return false;
  const sys_days day = DayOf(*ns);
  const int64_t ns_of_day = *ns - day.time_since_epoch().count() * kDayNs;
  year_month_day date = year_month_day(day) + std::chrono::months(months);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  const auto moved = NsOf(sys_days(date), ns_of_day);
  if (moved) *ns = *moved;
  return moved.has_value();
}

std::optional<int64_t> FloorTo(TimeUnit unit, int64_t ns) {
  if (const int months = MonthsIn(unit)) return NsOf(FirstOfMonths(DayOf(ns), months), 0);
  if (unit == TimeUnit::kWeek) return NsOf(MondayBefore(DayOf(ns)), 0);
  return FloorDivide(ns, NanosecondsIn(unit)) * NanosecondsIn(unit);
}

std::optional<int64_t> LastOf(TimeUnit unit, int64_t ns) {
  std::optional<int64_t> end = FloorTo(unit, ns);
  if (!end) return end;
  const int months = MonthsIn(unit);
  const bool fits =
      months != 0 ? AddMonths(months, &*end) : AddNanoseconds(NanosecondsIn(unit), &*end);
  if (!fits) return {};
  return *end - 1;
}

}  // namespace stacksampler
