// SPDX-License-Identifier: MIT
//
// Purpose: of which ranges the store still has everything, by the names of its files alone.
// Thread safety: free functions over values.
// Errors: a folder that cannot be listed keeps nothing.
#ifndef STACKSAMPLER_BENCH_SOAK_KEPT_H_
#define STACKSAMPLER_BENCH_SOAK_KEPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger.h"

namespace stacksampler::bench {

struct Kept {
  int64_t windows_from_ns = INT64_MAX;  // every range from here on
  std::vector<int64_t> days_ns;         // these days (UTC), when asked as a whole
  int64_t nothing_until_ns = 0;         // nothing is left before

  /// Whether all that was stored in the range is still there.
  [[nodiscard]] bool Has(const Span& span) const;
};
Kept KeptOf(const std::string& dir);

/// A day as one asks for it: a total tells its windows' ends inclusively.
Span WholeDay(int64_t day_ns);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_KEPT_H_
