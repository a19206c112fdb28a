// SPDX-License-Identifier: MIT
#include "kept.h"

#include <algorithm>

#include "store/store_dir.h"

namespace stacksampler::bench {
namespace {

// What a file's name tells is when its window began; one that ended a moment before a day's end may
// have come behind it.
int64_t WindowsFrom(const store::Listing& listing) {
  if (listing.segments.empty()) return listing.days.empty() ? 0 : INT64_MAX;
  const store::Stem& first = listing.segments.front();
  return first.number == 1 ? 0 : store::DayOf(first.start_ns) + store::kDayNs;
}

}  // namespace

bool Kept::Has(const Span& span) const {
  if (span.from_ns >= windows_from_ns) return true;
  return std::any_of(days_ns.begin(), days_ns.end(), [&](int64_t day) {
    const Span whole = WholeDay(day);
    return span.from_ns == whole.from_ns && span.until_ns == whole.until_ns;
  });
}

Kept KeptOf(const std::string& dir) {
  Kept kept;
  const auto listing = store::ListStore(dir);
  if (!listing.ok()) return kept;
  kept.windows_from_ns = WindowsFrom(*listing);
  for (const store::DayStem& day : listing->days)
    kept.days_ns.push_back(store::DayOf(day.start_ns));
  if (!listing->days.empty() && listing->days.front().first > 1) {
    kept.nothing_until_ns = kept.days_ns.front() - store::kDayNs;
  }
  return kept;
}

Span WholeDay(int64_t day_ns) { return {day_ns, day_ns + store::kDayNs}; }

}  // namespace stacksampler::bench
