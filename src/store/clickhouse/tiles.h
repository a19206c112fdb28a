// SPDX-License-Identifier: MIT
//
// Purpose: which parts of a range a server has summed up already.
// Shapes: a tile is an hour or a day of all targets of a server: bucket b of length n covers what
//   ends after b * n and not after (b + 1) * n. The table `rolled` says which version of a bucket
//   is good, if any; rows of other versions are never read. What it says is held against the rows
//   before they are used: they count as many samples' rows as `rolled` names, and what they weigh
//   by series they weigh as a whole.
// Thread safety: values and free functions.
// Errors: the connection's.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_TILES_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_TILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/status.h"
#include "store/clickhouse/connection.h"
#include "store/clickhouse/schema.h"
#include "store/merger.h"

namespace stacksampler::store {

inline constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
inline constexpr int kHourTier = 1;
inline constexpr int kDayTier = 2;

constexpr int64_t LengthOf(int tier) { return tier == kHourTier ? kHourNs : kDayNs; }
/// The bucket of what ends then. REQUIRES: not negative.
constexpr int64_t BucketOf(int tier, int64_t end_ns) { return (end_ns - 1) / LengthOf(tier); }

struct Tile {
  int tier = kHourTier;
  int64_t bucket = 0;
  uint64_t version = 0;
  bool valid = false;
  uint64_t rows = 0;  // of samples that it was made of

  [[nodiscard]] int64_t after_ns() const { return bucket * LengthOf(tier); }
};

/// The newest version of each bucket of a tier in [first, last], ascending.
Result<std::vector<Tile>> ReadTiles(const Connection& connection, int tier, int64_t first,
                                    int64_t last);

/// "(tier, bucket, version), ...", for IN ().
std::string NamesOf(const std::vector<Tile>& tiles);
/// Those of `tiles` whose rows the server does not hold, or not all of them: a power cut may keep
/// the word of `rolled` alone, and whoever drops partitions may begin with the wrong table.
Result<std::vector<Tile>> LostOf(const Connection& connection, const std::vector<Tile>& tiles);

/// A range as tiles and what is left of it.
struct Cover {
  std::vector<Tile> tiles;
  std::vector<Range> rest;
  size_t lost = 0;  // tiles that would have been taken, were their rows there
};
Cover CoverWith(const Range& range, const std::vector<Tile>& days, const std::vector<Tile>& hours);
/// CoverWith() the tiles of the server that are not longer than `longest_ns` and divide it, and are
/// not lost; 0: none.
Result<Cover> CoverOf(const Connection& connection, const Range& range, int64_t longest_ns);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_TILES_H_
