// SPDX-License-Identifier: MIT
//
// Purpose: moments as people write them: "-15minutes", "now-1h", "yesterday 14:00", ISO 8601, epoch
//   numbers. Relative times never depend on the machine's time zone; bare dates are read in UTC.
// Errors: kInvalidArgument; the error carries the position of the first byte that does not fit.
#ifndef STACKSAMPLER_BASE_TIME_PHRASE_H_
#define STACKSAMPLER_BASE_TIME_PHRASE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler {

/// A phrase that names a day or a rounded unit means its first nanosecond as a `from`, its last as
/// an `until`.
enum class TimeEdge { kFrom, kUntil };

struct TimePhrase {
  bool ok = false;
  int64_t ns = 0;         // since the Unix epoch
  bool relative = false;  // moves with `now`
  // When not ok:
  size_t error_position = 0;
  std::string error;  // "expected a unit such as 'minutes'"
};

TimePhrase ParseTimePhrase(std::string_view text, int64_t now_ns, TimeEdge edge);

/// RFC 3339 in UTC, as short as it is exact: "2026-11-22T05:40:00Z", "...00.250Z".
std::string FormatTime(int64_t ns);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_PHRASE_H_
