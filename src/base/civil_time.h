// SPDX-License-Identifier: MIT
//
// Purpose: the UTC calendar over nanoseconds since the Unix epoch: units of time, stepping,
//   rounding.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: false (or nullopt) for a result outside the years kFirstYear..kLastYear, the whole years
//   that 64 bits of nanoseconds hold.
#ifndef STACKSAMPLER_BASE_CIVIL_TIME_H_
#define STACKSAMPLER_BASE_CIVIL_TIME_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace stacksampler {

inline constexpr int kFirstYear = 1678;
inline constexpr int kLastYear = 2261;
inline constexpr int64_t kSecondNs = 1'000'000'000;
inline constexpr int64_t kDayNs = 86'400 * kSecondNs;

enum class TimeUnit { kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

/// Calendar months in a unit; 0 for units of fixed length.
[[nodiscard]] int MonthsIn(TimeUnit unit);
/// Length of a unit of fixed length. REQUIRES: MonthsIn(unit) == 0.
[[nodiscard]] int64_t NanosecondsIn(TimeUnit unit);

/// The day that holds `ns`.
[[nodiscard]] std::chrono::sys_days DayOf(int64_t ns);
[[nodiscard]] std::optional<int64_t> NsOf(std::chrono::sys_days day, int64_t ns_of_day);

/// Adds to *ns. Months past the end of a shorter month stop at its last day.
[[nodiscard]] bool AddNanoseconds(int64_t amount_ns, int64_t* ns);
[[nodiscard]] bool AddMonths(int64_t months, int64_t* ns);

/// First nanosecond of the unit that holds `ns`; weeks begin on Monday.
[[nodiscard]] std::optional<int64_t> FloorTo(TimeUnit unit, int64_t ns);
/// Last nanosecond of the unit that holds `ns`.
[[nodiscard]] std::optional<int64_t> LastOf(TimeUnit unit, int64_t ns);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_CIVIL_TIME_H_
