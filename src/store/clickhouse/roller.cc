// SPDX-License-Identifier: MIT
#include "store/clickhouse/roller.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "store/clickhouse/selection.h"

namespace stacksampler::store {
namespace {

constexpr const char* kTileColumns =
    "INSERT INTO tiles (tier, bucket, version, whole, series, period_ns, start_ns, end_ns, "
    "windows, "
    "window_keys, weight, stack_ids, weights) ";
constexpr int64_t kHoursPerDay = kDayNs / kHourNs;
// `windows` under a name that the new sum of it does not hide.
constexpr const char* kSummed =
    "start_ns, end_ns, windows AS counted, window_keys, weight, stack_ids, weights";

Range RangeOf(const Tile& tile) {
  return {tile.after_ns() + 1, tile.after_ns() + LengthOf(tile.tier)};
}

// Over the rows of `from`, which have their sums of stacks in `sums`.
std::string SumsOf(const Tile& tile, bool whole, const std::string& windows,
                   const std::string& window_keys, const std::string& from) {
  return std::string(kTileColumns) + "SELECT " + std::to_string(tile.tier) + ", " +
         std::to_string(tile.bucket) + ", " + std::to_string(tile.version) +
         (whole ? ", 1, 0" : ", 0, series") +
         ", period_ns, first_ns, last_ns, windows, keys, sum_weight, tupleElement(sums, 1), "
         "tupleElement(sums, 2) FROM (SELECT " +
         (whole ? "" : "series, ") +
         "period_ns, min(start_ns) AS first_ns, max(end_ns) AS last_ns, toUInt64(" + windows +
         ") AS windows, " + window_keys +
         " AS keys, sum(weight) AS sum_weight, sumMap(stack_ids, weights) AS sums FROM " + from +
         " GROUP BY " + (whole ? "" : "series, ") + "period_ns)";
}

}  // namespace

Status Roller::Learn() {
  const Result<std::string> rows = connection_.Select(
      "SELECT DISTINCT toInt64(intDiv(end_ns - 1, " + std::to_string(kHourNs) + ")) FROM samples");
  if (!rows.ok()) return rows.status();
  std::set<int64_t> hours;
  for (ByteReader in(*rows); in.remaining() > 0;) hours.insert(static_cast<int64_t>(in.Fixed64()));
  if (hours.empty()) return Status::Ok();
  const auto tiles = ReadTiles(connection_, kHourTier, *hours.begin(), *hours.rbegin());
  if (!tiles.ok()) return tiles.status();
  std::vector<Tile> made;
  for (const Tile& tile : *tiles) {
    if (tile.valid && hours.erase(tile.bucket) != 0) made.push_back(tile);
  }
  hours_.insert(hours.begin(), hours.end());
  return LearnLost(made);
}

// A day with its hours: it is made of them.
Status Roller::LearnLost(const std::vector<Tile>& hours) {
  if (hours.empty()) return Status::Ok();
  const auto days = ReadTiles(connection_, kDayTier, hours.front().bucket / kHoursPerDay,
                              hours.back().bucket / kHoursPerDay);
  if (!days.ok()) return days.status();
  std::vector<Tile> made = hours;
  std::copy_if(days->begin(), days->end(), std::back_inserter(made),
               [](const Tile& day) { return day.valid; });
  const auto lost = LostOf(connection_, made);
  if (!lost.ok()) return lost.status();
  for (const Tile& tile : *lost) {
    Status status = tile.tier == kHourTier ? TakeBackHour(tile) : TakeBack(tile);
    if (!status.ok()) return status;
    if (tile.tier == kDayTier) days_.insert(tile.bucket);
  }
  return Status::Ok();
}

Status Roller::Stored(const std::set<int64_t>& hours) {
  for (const int64_t hour : hours) {
    const auto tiles = ReadTiles(connection_, kHourTier, hour, hour);
    if (!tiles.ok()) return tiles.status();
    if (tiles->empty() || !tiles->front().valid) {
      hours_.insert(hour);
      continue;
    }
    const Tile& tile = tiles->front();
    const Result<uint64_t> rows = CountRows(kHourTier, hour);
    if (!rows.ok()) return rows.status();
    if (*rows == tile.rows) continue;  // what was sent had been stored before
    if (*rows < tile.rows) {
      on_warning_(connection_.name() + ": windows came for an hour whose samples were dropped, " +
                  "and are not shown");
      continue;
    }
    if (Status status = TakeBackHour(tile); !status.ok()) return status;
  }
  return Status::Ok();
}

// The day before its hour: whoever is interrupted here finds the hour still there.
Status Roller::TakeBackHour(const Tile& hour) {
  const int64_t number = hour.bucket / kHoursPerDay;
  const auto days = ReadTiles(connection_, kDayTier, number, number);
  if (!days.ok()) return days.status();
  for (const Tile& day : *days) {
    if (Status status = TakeBack(day); !status.ok()) return status;
  }
  if (Status status = TakeBack(hour); !status.ok()) return status;
  hours_.insert(hour.bucket);
  return Status::Ok();
}

Status Roller::TakeBack(const Tile& tile) {
  if (!tile.valid) return Status::Ok();
  return Say({tile.tier, tile.bucket, tile.version + 1, false, 0});
}

Status Roller::RollUp(int64_t until_ns) {
  for (auto it = hours_.begin(); it != hours_.end() && *it < until_ns / kHourNs;) {
    bool done = false;
    if (Status status = RollHour(*it, &done); !status.ok()) return status;
    if (done) days_.insert(*it / kHoursPerDay);
    it = done ? hours_.erase(it) : std::next(it);
  }
  while (!days_.empty() && *days_.begin() < until_ns / kDayNs) {
    if (Status status = RollDay(*days_.begin()); !status.ok()) return status;
    days_.erase(days_.begin());
  }
  return Status::Ok();
}

// Not done when samples came meanwhile.
Status Roller::RollHour(int64_t hour, bool* done) {
  const Result<uint64_t> rows = CountRows(kHourTier, hour);
  if (!rows.ok()) return rows.status();
  const Result<uint64_t> version = NewVersion(kHourTier, hour);
  if (!version.ok()) return version.status();
  const Tile tile{kHourTier, hour, *version, true, *rows};
  const Result<std::string> row = connection_.Select(SelectTotals({{}, {RangeOf(tile)}}, {}));
  if (!row.ok()) return row.status();
  const Result<Totals> totals = ReadTotals(*row);
  if (!totals.ok()) return totals.status();
  *done = true;
  if (*rows == 0) return Status::Ok();
  if (totals->overflow) return Status::Ok();  // such sums cannot be kept; its samples can be asked
  if (Status status = FillHour(tile); !status.ok()) return status;
  if (Status status = Say(tile); !status.ok()) return status;
  const Result<uint64_t> again = CountRows(kHourTier, hour);
  if (!again.ok()) return again.status();
  *done = *again == *rows;
  return *done ? Status::Ok() : TakeBack(tile);
}

Status Roller::FillHour(const Tile& tile) {
  const std::string samples =
      FromSamples("start_ns, period_ns, weight, stack_ids, weights", {RangeOf(tile)}, {});
  Status status = connection_.Run(
      SumsOf(tile, false, "uniqExact(window_key)", "groupUniqArray(window_key)", samples));
  if (!status.ok()) return status;
  return connection_.Run(SumsOf(tile, true, "uniqExactArray(window_keys)", "emptyArrayUInt64()",
                                FromTiles(kSummed, {tile}, false, {})));
}

// Out of the day's hours, when they hold all of its samples.
Status Roller::RollDay(int64_t day) {
  const auto hours =
      ReadTiles(connection_, kHourTier, day * kHoursPerDay, day * kHoursPerDay + kHoursPerDay - 1);
  if (!hours.ok()) return hours.status();
  const Result<uint64_t> version = NewVersion(kDayTier, day);
  if (!version.ok()) return version.status();
  Tile tile{kDayTier, day, *version, true, 0};
  std::vector<Tile> parts;
  for (const Tile& hour : *hours) {
    if (!hour.valid) continue;
    parts.push_back(hour);
    tile.rows += hour.rows;
  }
  const Result<uint64_t> rows = CountRows(kDayTier, day);
  if (!rows.ok()) return rows.status();
  if (parts.empty() || *rows != tile.rows) return Status::Ok();
  const auto lost = LostOf(connection_, parts);
  if (!lost.ok()) return lost.status();
  for (const Tile& hour : *lost) {
    if (Status status = TakeBackHour(hour); !status.ok()) return status;
  }
  if (!lost->empty()) return Status::Ok();
  const Result<std::string> row = connection_.Select(SelectTotals({parts, {}}, {}));
  if (!row.ok()) return row.status();
  const Result<Totals> totals = ReadTotals(*row);
  if (!totals.ok()) return totals.status();
  if (totals->overflow) return Status::Ok();
  if (Status status = FillDay(tile, parts); !status.ok()) return status;
  if (Status status = Say(tile); !status.ok()) return status;
  const Result<uint64_t> again = CountRows(kDayTier, day);
  if (!again.ok()) return again.status();
  return *again == *rows ? Status::Ok() : TakeBack(tile);
}

Status Roller::FillDay(const Tile& tile, const std::vector<Tile>& hours) {
  Status status =
      connection_.Run(SumsOf(tile, false, "sum(counted)", "groupArrayArray(window_keys)",
                             FromTiles(kSummed, hours, false, {})));
  if (!status.ok()) return status;
  return connection_.Run(SumsOf(tile, true, "sum(counted)", "emptyArrayUInt64()",
                                FromTiles(kSummed, hours, true, {})));
}

Status Roller::Say(const Tile& tile) {
  return connection_.Run("INSERT INTO rolled (tier, bucket, version, valid, rows) VALUES (" +
                         std::to_string(tile.tier) + ", " + std::to_string(tile.bucket) + ", " +
                         std::to_string(tile.version) + ", " + (tile.valid ? "1, " : "0, ") +
                         std::to_string(tile.rows) + ")");
}

Result<uint64_t> Roller::CountRows(int tier, int64_t bucket) const {
  const Tile tile{tier, bucket, 0, false, 0};
  const Result<std::string> row = connection_.Select("SELECT toUInt64(count()) FROM " +
                                                     FromSamples("start_ns", {RangeOf(tile)}, {}));
  if (!row.ok()) return row.status();
  ByteReader in(*row);
  const uint64_t rows = in.Fixed64();
  if (in.done()) return rows;
  return Status(StatusCode::kDataLoss, connection_.name() + ": no count of rows");
}

// Above any that was there before, whatever the clocks of others say.
Result<uint64_t> Roller::NewVersion(int tier, int64_t bucket) const {
  const auto before = ReadTiles(connection_, tier, bucket, bucket);
  if (!before.ok()) return before.status();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  const uint64_t least = before->empty() ? 0 : before->front().version + 1;
  return std::max(least, static_cast<uint64_t>(now_ns));
}

}  // namespace stacksampler::store
