// SPDX-License-Identifier: MIT
//
// Purpose: the heat map of a range: how much was sampled in each part of each second, where the
//   collector was asked to keep sample times.
// Shapes: a column is a second, or as many of them as a clock likes in a longer range; a row is a
//   part of a second. Of a column of several seconds each row sums that part of all of them.
// Invariant: the cells, `untimed` and `across` make up `total`, the weight of the range's windows.
// Thread safety: free functions, values.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_HEAT_H_
#define STACKSAMPLER_VISUALIZER_HEAT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "visualizer/merged_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

inline constexpr size_t kMostUntimedTargets = 10;

/// Values are in `unit`.
struct Heat {
  TreeUnit unit = TreeUnit::kCpuMicroseconds;
  int64_t begin_ns = 0;   // of the first column
  int64_t step_ns = 0;    // of a column: whole seconds
  int64_t row_ns = 0;     // not shorter than what the collector kept times to
  int64_t bucket_ns = 0;  // what the collector kept times to; 0 where there are none
  size_t columns = 0;
  size_t rows = 0;
  std::vector<int64_t> cells;  // a column's rows together, the second's begin first
  int64_t timed = 0;           // all cells
  int64_t total = 0;           // of the range's windows, with times or without
  int64_t untimed = 0;         // of targets that have no times in the range
  /// What the others' windows hold beyond the cells. A window that ends in the range may have begun
  /// before it, and what was sampled at its end may be in a window that ended later: below 0 then.
  int64_t across = 0;
  std::vector<std::string> untimed_targets;  // "web-1:16384"; at most kMostUntimedTargets
  size_t more_untimed = 0;                   // targets that are not named
  std::vector<std::string> warnings;
};

Result<Heat> ReadHeat(MergedStore* store, const HeatQuery& query);

std::string HeatJson(const HeatQuery& query, const Heat& heat);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_HEAT_H_
