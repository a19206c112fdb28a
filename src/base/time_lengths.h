// SPDX-License-Identifier: MIT
//
// Purpose: the lengths of time inside a time phrase, added to a moment: "2h30m", "an hour ago",
//   "half a day". Days and longer are those of the zone's calendar, hours and shorter are exact.
// Thread safety: none.
// Signal safety: none.
// Errors: Read... returns false after cursor->Fail().
#ifndef STACKSAMPLER_BASE_TIME_LENGTHS_H_
#define STACKSAMPLER_BASE_TIME_LENGTHS_H_

#include <cstdint>
#include <optional>

#include "base/time_cursor.h"
#include "base/time_zone.h"

namespace stacksampler {

inline constexpr const char* kExpectTimeInRange = "expected a time between the years 1678 and 2261";

/// `whole` and `billionths` of `unit_ns`; nullopt past 64 bits.
std::optional<int64_t> ScaleUnit(int64_t whole, int64_t billionths, int64_t unit_ns);

class TimeLengths {
 public:
  /// Both pointers, and the zone, must outlive it. What is read is added to *ns.
  TimeLengths(TimeCursor* cursor, const TimeZone& zone, TimeEdge edge, int64_t* ns)
      : cursor_(*cursor), zone_(zone), edge_(edge), ns_(*ns) {}

  /// Number and unit, any number of times.
  bool Read(int sign);
  /// The same, or "an hour"; in the past with "ago" behind it.
  bool ReadAgo(int sign);
  /// The unit alone: one of it.
  bool ReadUnit(int sign);

 private:
  bool ReadArticle(int sign);
  bool Add(int sign, const TimeToken& number, int64_t whole, int64_t billionths);
  bool AddMonths(int sign, int64_t months_each, const TimeToken& number, int64_t whole);
  bool AddLength(TimeUnit unit, int64_t length_ns);

  TimeCursor& cursor_;
  const TimeZone& zone_;
  const TimeEdge edge_;
  int64_t& ns_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_LENGTHS_H_
