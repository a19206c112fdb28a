// SPDX-License-Identifier: MIT
//
// Purpose: sums the segments of an ended day up into one file, so that a question about a month
//   reads thirty files and not their thousand segments.
// Shapes: a total of a day is a segment without rows and refs. Its segments stay, for ranges that
//   take a part of the day. It covers segments whose numbers follow each other: a gap, a damaged
//   segment, or a clock that went back to another day begins another total.
// Thread safety: free functions; one thread at a time for a directory.
// Errors: told, and tried again by the next call. A segment that is damaged is not summed up.
#ifndef STACKSAMPLER_STORE_DAY_TOTALS_H_
#define STACKSAMPLER_STORE_DAY_TOTALS_H_

#include <functional>
#include <string>
#include <vector>

#include "stacksampler/status.h"
#include "store/store_dir.h"

namespace stacksampler::store {

using TellLine = std::function<void(const std::string&)>;

/// Makes the totals that are missing of all days but the last.
void AddDayTotals(const std::string& dir, const TellLine& warn);

/// Segments of days that ended and have no total, as they belong together.
std::vector<std::vector<Stem>> SegmentsToSumUp(const Listing& listing);
/// Writes the total of such segments: whole, or not at all.
Status WriteDayTotal(const std::string& dir, const std::vector<Stem>& segments);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_DAY_TOTALS_H_
