// SPDX-License-Identifier: MIT
//
// Purpose: moments as people write them: "-15minutes", "now-1h", "yesterday 14:00", ISO 8601, epoch
//   numbers. Days and times of day are those of the zone that is given, never of the machine's.
// Errors: kInvalidArgument; the error carries the position of the first byte that does not fit.
#ifndef STACKSAMPLER_BASE_TIME_PHRASE_H_
#define STACKSAMPLER_BASE_TIME_PHRASE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "stacksampler/status.h"

namespace stacksampler {

struct TimePhrase {
  bool ok = false;
  int64_t ns = 0;         // since the Unix epoch
  bool relative = false;  // moves with `now`
  // When not ok:
  size_t error_position = 0;
  std::string error;  // "expected a unit such as 'minutes'"
};

TimePhrase ParseTimePhrase(std::string_view text, int64_t now_ns, TimeEdge edge,
                           const TimeZone& zone = {});

/// RFC 3339, as short as it is exact: "2026-11-22T05:40:00Z", "...00.250+01:00". In UTC too where
/// the format cannot say the zone's: past 14 hours, or past the last year that can be read.
std::string FormatTime(int64_t ns, const TimeZone& zone = {});

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_PHRASE_H_
