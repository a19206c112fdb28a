// SPDX-License-Identifier: MIT
//
// Purpose: sums closed hours and days of one server's samples into tiles, and takes a tile back
//   when samples came after it.
// Shapes: rows of a new version first, then the word in `rolled` that it is good, then a look
//   whether samples came meanwhile; who sends samples looks for a tile after they are stored. So
//   one of the two sees the other, in whatever order they come: several collectors may do both.
// Thread safety: one thread at a time; several processes.
// Errors: the connection's. What was begun and not ended is never read, and made anew.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_ROLLER_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_ROLLER_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stacksampler/status.h"
#include "store/clickhouse/connection.h"
#include "store/clickhouse/tiles.h"

namespace stacksampler::store {

class Roller {
 public:
  /// `connection` must outlive it.
  Roller(const Connection& connection, std::function<void(const std::string&)> on_warning)
      : connection_(connection), on_warning_(std::move(on_warning)) {}

  /// Asks for the hours whose samples no tile has, and for tiles that are lost, which it takes
  /// back.
  Status Learn();
  /// Samples of these hours are stored; what was summed up without them is taken back.
  Status Stored(const std::set<int64_t>& hours);
  /// Makes the tiles of all hours and days that ended `until_ns` or before.
  Status RollUp(int64_t until_ns);

 private:
  Status TakeBack(const Tile& tile);
  Status TakeBackHour(const Tile& hour);
  Status LearnLost(const std::vector<Tile>& hours);
  Status RollHour(int64_t hour, bool* done);
  Status RollDay(int64_t day);
  Status FillHour(const Tile& tile);
  Status FillDay(const Tile& tile, const std::vector<Tile>& hours);
  Status Say(const Tile& tile);
  [[nodiscard]] Result<uint64_t> CountRows(int tier, int64_t bucket) const;
  [[nodiscard]] Result<uint64_t> NewVersion(int tier, int64_t bucket) const;

  const Connection& connection_;
  const std::function<void(const std::string&)> on_warning_;
  std::set<int64_t> hours_;  // to be rolled
  std::set<int64_t> days_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_ROLLER_H_
