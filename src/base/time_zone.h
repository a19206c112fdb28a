// SPDX-License-Identifier: MIT
//
// Purpose: a time zone as a function of the moment, and the calendar as its clocks show it: local
//   times to moments and back, rounding, stepping by days and months.
// Shapes: a local time is written as nanoseconds as if it were UTC's. Where clocks go forward some
//   local times never come: they mean the moment of the jump. Where clocks go back some come twice:
//   as a `from` they mean the first time, as an `until` the second, so that a range has both.
// Thread safety: values; a const zone may be read by any number of threads.
// Signal safety: none.
// Errors: nullopt (or false) for a result outside the years that civil_time.h knows.
#ifndef STACKSAMPLER_BASE_TIME_ZONE_H_
#define STACKSAMPLER_BASE_TIME_ZONE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/civil_time.h"

namespace stacksampler {

/// A phrase that names a day or a rounded unit means its first nanosecond as a `from`, its last as
/// an `until`.
enum class TimeEdge { kFrom, kUntil };

class TimeZone {
 public:
  using East = std::function<int64_t(int64_t ns)>;

  TimeZone() = default;  // UTC
  /// `east`: how far the clocks are before UTC at a moment, whole seconds within a day, steady for
  /// a day on at least one side of each change.
  TimeZone(std::string name, East east) : name_(std::move(name)), east_(std::move(east)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_utc() const { return !east_; }
  [[nodiscard]] int64_t EastNs(int64_t ns) const { return east_ ? east_(ns) : 0; }

  [[nodiscard]] std::optional<int64_t> ToLocal(int64_t ns) const;
  [[nodiscard]] std::optional<int64_t> FromLocal(int64_t local_ns, TimeEdge edge) const;
  /// The last moment at which clocks show `local_ns` or less.
  [[nodiscard]] std::optional<int64_t> LastUpTo(int64_t local_ns) const;

  /// Units of a day and more are those of the calendar, shorter ones of the clock.
  [[nodiscard]] std::optional<int64_t> FloorTo(TimeUnit unit, int64_t ns) const;
  [[nodiscard]] std::optional<int64_t> LastOf(TimeUnit unit, int64_t ns) const;

  /// Adds to *ns what leaves the time of day as it is.
  [[nodiscard]] bool AddDays(int64_t days_ns, TimeEdge edge, int64_t* ns) const;
  [[nodiscard]] bool AddMonths(int64_t months, TimeEdge edge, int64_t* ns) const;

 private:
  [[nodiscard]] int64_t JumpBetween(int64_t before_ns, int64_t after_ns) const;
  [[nodiscard]] bool MoveTo(int64_t local_ns, TimeEdge edge, int64_t* ns) const;

  std::string name_ = "UTC";
  East east_;  // empty for UTC
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_ZONE_H_
