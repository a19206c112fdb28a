// SPDX-License-Identifier: MIT
//
// Purpose: the SQL of a reader: which samples a query takes, each window once whatever was sent
//   twice.
// Shapes: what every query says stands in one place; numbers and SqlText() only.
// Thread safety: free functions.
// Errors: none.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_SELECTION_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_SELECTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "store/clickhouse/tiles.h"
#include "store/merger.h"
#include "store/profile_store.h"

namespace stacksampler::store {

/// "(SELECT end_ns, series, window_key, `columns` FROM samples ...)": rows that end in the ranges.
/// REQUIRES: at least one range.
std::string FromSamples(const std::string& columns, const std::vector<Range>& ranges,
                        const std::vector<LabelMatch>& matches);
/// "(SELECT tier, bucket, version, series, period_ns, `columns` FROM tiles ...)": the rows over all
/// series, or those by series. REQUIRES: at least one tile.
std::string FromTiles(const std::string& columns, const std::vector<Tile>& tiles, bool whole,
                      const std::vector<LabelMatch>& matches);

/// Three numbers that tell which windows end in the ranges. REQUIRES: at least one range.
std::string SelectKeys(const std::vector<Range>& ranges);

/// What a range holds, over all stacks.
struct Totals {
  uint64_t records = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  uint64_t weighted_rows = 0;  // the two periods are of those
  int64_t least_period_ns = 0;
  int64_t most_period_ns = 0;
  bool overflow = false;  // a sum of weights or of CPU time passes 2^63
  int64_t weight = 0;
  int64_t cpu_ns = 0;
};
/// One row for the samples of a cover, one for its tiles.
std::string SelectTotals(const Cover& cover, const std::vector<LabelMatch>& matches);
/// Those rows added up; kDataLoss when they are none.
Result<Totals> ReadTotals(const std::string& rows);
/// (series,) stack, weight, CPU time of all cells of a cover.
std::string SelectCells(const Cover& cover, const std::vector<LabelMatch>& matches, bool by_series);
/// series, interval, weight, CPU time, least period: of the intervals of `step_ns` from number
/// `first` on. What ends on a boundary is the earlier interval's.
std::string SelectVolumes(const Cover& cover, const std::vector<LabelMatch>& matches,
                          int64_t step_ns, int64_t first);
/// As if both were of one server.
void Add(const Totals& other, Totals* sum);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_SELECTION_H_
