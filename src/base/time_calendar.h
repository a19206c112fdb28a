// SPDX-License-Identifier: MIT
//
// Purpose: the dates and times of day inside a time phrase. date = YYYY-MM-DD | YYYYMMDD |
//   MM/DD/YYYY | D month [YYYY] | month D [YYYY] time = HH:MM[:SS[.f]] [am|pm] | H am|pm | "noon" |
//   "midnight", then [zone] zone = "Z" | "UTC" | "GMT" | ("+"|"-") HH[[:]MM] | HH:MM  (the last:
//   "+" as URLs decode it)
// Thread safety: free functions over a cursor of the caller.
// Signal safety: none.
// Errors: Read... returns false after cursor->Fail().
#ifndef STACKSAMPLER_BASE_TIME_CALENDAR_H_
#define STACKSAMPLER_BASE_TIME_CALENDAR_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time_cursor.h"

namespace stacksampler {

struct PhraseDate {
  std::chrono::sys_days day;
  bool has_year = false;  // without one it is the latest such day that has begun
};

[[nodiscard]] bool StartsDate(const TimeCursor& cursor);
/// REQUIRES: StartsDate(*cursor).
bool ReadDate(TimeCursor* cursor, std::chrono::sys_days today, PhraseDate* date);

struct PhraseClock {
  int64_t ns_of_day = 0;
  std::optional<int64_t> east_ns;  // of the zone that is written behind it
};

[[nodiscard]] bool StartsTimeOfDay(const TimeCursor& cursor);
bool ReadTimeOfDay(TimeCursor* cursor, PhraseClock* clock);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_CALENDAR_H_
