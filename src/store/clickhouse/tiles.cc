// SPDX-License-Identifier: MIT
#include "store/clickhouse/tiles.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "base/varint.h"

namespace stacksampler::store {
namespace {

// Below a server's default limit for the text of a query, 256 KB.
constexpr size_t kTilesPerQuery = 4096;

bool IsIn(const Tile& tile, const Range& range) {
  // The end of a tile: unsigned, because the last one's is past 2^63.
  const auto end =
      static_cast<uint64_t>(tile.after_ns()) + static_cast<uint64_t>(LengthOf(tile.tier));
  return tile.valid && range.from_ns <= tile.after_ns() + 1 && range.until_ns > 0 &&
         end <= static_cast<uint64_t>(range.until_ns);
}

bool ByTime(const Tile& a, const Tile& b) { return a.after_ns() < b.after_ns(); }

std::vector<Range> RestOf(const Range& range, const std::vector<Tile>& tiles) {
  std::vector<Range> rest;
  int64_t from_ns = range.from_ns;
  for (const Tile& tile : tiles) {
    if (from_ns <= tile.after_ns()) rest.push_back({from_ns, tile.after_ns()});
    const int64_t last_ns = tile.after_ns() + LengthOf(tile.tier);  // within the range
    if (last_ns == INT64_MAX) return rest;
    from_ns = last_ns + 1;
  }
  if (from_ns <= range.until_ns) rest.push_back({from_ns, range.until_ns});
  return rest;
}

Result<std::vector<Tile>> TilesIn(const Connection& connection, int tier, const Range& range,
                                  int64_t longest_ns) {
  const auto length = static_cast<uint64_t>(range.until_ns) - static_cast<uint64_t>(range.from_ns);
  const bool fits = range.until_ns > 0 && length >= static_cast<uint64_t>(LengthOf(tier)) - 1;
  if (!fits || longest_ns % LengthOf(tier) != 0) return std::vector<Tile>();
  return ReadTiles(connection, tier, BucketOf(tier, std::max<int64_t>(range.from_ns, 1)),
                   BucketOf(tier, range.until_ns));
}

// A tile, and how many rows of samples it was made of.
using TileRows = std::tuple<int, int64_t, uint64_t, uint64_t>;
TileRows RowsOf(const Tile& tile) { return {tile.tier, tile.bucket, tile.version, tile.rows}; }

// A row of a series has each window once, so that its windows are as many rows of samples.
std::string SelectWhole(const std::vector<Tile>& tiles) {
  return "SELECT toUInt64(tier), bucket, version, toUInt64(sumIf(windows, whole = 0)) FROM "
         "(SELECT tier, bucket, version, whole, series, period_ns, windows, weight FROM tiles "
         "WHERE (tier, bucket, version) IN (" +
         NamesOf(tiles) +
         ") LIMIT 1 BY tier, bucket, version, whole, series, period_ns) GROUP BY tier, bucket, "
         "version HAVING countIf(whole = 1) > 0 AND sumIf(weight, whole = 0) = sumIf(weight, "
         "whole = 1)";
}

Result<std::set<TileRows>> ReadWhole(const Connection& connection, const std::string& rows) {
  std::set<TileRows> held;
  for (ByteReader in(rows); in.remaining() > 0;) {
    Tile tile;
    tile.tier = static_cast<int>(in.Fixed64());
    tile.bucket = static_cast<int64_t>(in.Fixed64());
    tile.version = in.Fixed64();
    tile.rows = in.Fixed64();
    if (!in.ok()) {
      return Status(StatusCode::kDataLoss, connection.name() + ": rows of tiles are not ours");
    }
    held.insert(RowsOf(tile));
  }
  return held;
}

void Strike(const Tile& lost, std::vector<Tile>* tiles) {
  for (Tile& tile : *tiles) tile.valid = tile.valid && tile.bucket != lost.bucket;
}

}  // namespace

Result<std::vector<Tile>> ReadTiles(const Connection& connection, int tier, int64_t first,
                                    int64_t last) {
  const Result<std::string> rows = connection.Select(
      "SELECT bucket, toUInt64(max(version)), toUInt8(argMax(valid, version)), "
      "toUInt64(argMax(rows, version)) FROM rolled WHERE tier = " +
      std::to_string(tier) + " AND bucket >= " + std::to_string(first) +
      " AND bucket <= " + std::to_string(last) + " GROUP BY bucket ORDER BY bucket");
  if (!rows.ok()) return rows.status();
  std::vector<Tile> tiles;
  for (ByteReader in(*rows); in.remaining() > 0;) {
    Tile tile;
    tile.tier = tier;
    tile.bucket = static_cast<int64_t>(in.Fixed64());
    tile.version = in.Fixed64();
    tile.valid = in.Raw(1) == std::string_view("\1");
    tile.rows = in.Fixed64();
    if (!in.ok() || tile.bucket < 0 || tile.bucket > INT64_MAX / LengthOf(tier)) {
      return Status(StatusCode::kDataLoss, connection.name() + ": rows of rolled are not ours");
    }
    tiles.push_back(tile);
  }
  return tiles;
}

std::string NamesOf(const std::vector<Tile>& tiles) {
  std::string names;
  for (const Tile& tile : tiles) {
    names += names.empty() ? "(" : ", (";
    names += std::to_string(tile.tier) + ", " + std::to_string(tile.bucket) + ", " +
             std::to_string(tile.version) + ")";
  }
  return names;
}

Result<std::vector<Tile>> LostOf(const Connection& connection, const std::vector<Tile>& tiles) {
  std::vector<Tile> lost;
  for (size_t from = 0; from < tiles.size(); from += kTilesPerQuery) {
    const auto first = tiles.begin() + static_cast<std::ptrdiff_t>(from);
    const size_t count = std::min(kTilesPerQuery, tiles.size() - from);
    const std::vector<Tile> asked(first, first + static_cast<std::ptrdiff_t>(count));
    const Result<std::string> rows = connection.Select(SelectWhole(asked));
    if (!rows.ok()) return rows.status();
    const Result<std::set<TileRows>> held = ReadWhole(connection, *rows);
    if (!held.ok()) return held.status();
    std::copy_if(asked.begin(), asked.end(), std::back_inserter(lost),
                 [&](const Tile& tile) { return tile.rows > 0 && held->count(RowsOf(tile)) == 0; });
  }
  return lost;
}

Cover CoverWith(const Range& range, const std::vector<Tile>& days, const std::vector<Tile>& hours) {
  Cover cover;
  for (const Tile& day : days) {
    if (IsIn(day, range)) cover.tiles.push_back(day);
  }
  const std::vector<Tile> taken = cover.tiles;
  for (const Tile& hour : hours) {
    const bool in_day = std::any_of(taken.begin(), taken.end(), [&](const Tile& day) {
      return day.bucket == hour.bucket / (kDayNs / kHourNs);
    });
    if (!in_day && IsIn(hour, range)) cover.tiles.push_back(hour);
  }
  std::sort(cover.tiles.begin(), cover.tiles.end(), ByTime);
  cover.rest = RestOf(range, cover.tiles);
  return cover;
}

Result<Cover> CoverOf(const Connection& connection, const Range& range, int64_t longest_ns) {
  auto days = TilesIn(connection, kDayTier, range, longest_ns);
  if (!days.ok()) return days.status();
  auto hours = TilesIn(connection, kHourTier, range, longest_ns);
  if (!hours.ok()) return hours.status();
  // Hours stand in for a day that is lost, samples for an hour.
  for (size_t lost = 0;;) {
    Cover cover = CoverWith(range, *days, *hours);
    cover.lost = lost;
    const auto more = LostOf(connection, cover.tiles);
    if (!more.ok()) return more.status();
    if (more->empty()) return cover;
    lost += more->size();
    for (const Tile& tile : *more) Strike(tile, tile.tier == kDayTier ? &*days : &*hours);
  }
}

}  // namespace stacksampler::store
