// SPDX-License-Identifier: MIT
//
// The SQL is what 18.16 and today's releases both take: no codecs, no TTL, no DateTime64.
#include "store/clickhouse/schema.h"

#include <iterator>
#include <string>
#include <vector>

#include "base/varint.h"

namespace stacksampler::store {
namespace {

using Statements = std::vector<std::string>;

// A granule is some hundred rows: one row holds a whole window of a thread.
Statements FirstVersion() {
  return {
      "CREATE TABLE IF NOT EXISTS label_sets (series UInt64, second_hash UInt64, "
      "label_keys Array(String), label_values Array(String)) "
      "ENGINE = ReplacingMergeTree ORDER BY (series, second_hash)",
      "CREATE TABLE IF NOT EXISTS frames (frame UInt64, second_hash UInt64, name String, "
      "mangled_name String, module String, build_id String, file String, line UInt32, "
      "inlined UInt8) ENGINE = ReplacingMergeTree ORDER BY (frame, second_hash)",
      "CREATE TABLE IF NOT EXISTS stacks (stack UInt64, second_hash UInt64, "
      "frame_ids Array(UInt64)) ENGINE = ReplacingMergeTree ORDER BY (stack, second_hash)",
      "CREATE TABLE IF NOT EXISTS samples (end_ns Int64, series UInt64, window_key UInt64, "
      "start_ns Int64, period_ns Int64, collector UInt64, target UInt64, instance String, "
      "window_id UInt64, weight Int64, stack_ids Array(UInt64), weights Array(Int64)) "
      "ENGINE = ReplacingMergeTree PARTITION BY intDiv(end_ns - 1, " +
          std::to_string(kDayNs) +
          ") ORDER BY (end_ns, series, window_key) SETTINGS index_granularity = 256",
  };
}

// Sums of hours and days, and which of them are good: see tiles.h.
Statements SecondVersion() {
  return {
      "CREATE TABLE IF NOT EXISTS tiles (tier UInt8, bucket Int64, version UInt64, whole UInt8, "
      "series UInt64, period_ns Int64, start_ns Int64, end_ns Int64, windows UInt64, "
      "window_keys Array(UInt64), weight Int64, stack_ids Array(UInt64), weights Array(Int64)) "
      "ENGINE = ReplacingMergeTree PARTITION BY (tier, intDiv(bucket, 24)) "
      "ORDER BY (tier, bucket, version, whole, series, period_ns) SETTINGS index_granularity = 256",
      "CREATE TABLE IF NOT EXISTS rolled (tier UInt8, bucket Int64, version UInt64, valid UInt8, "
      "rows UInt64) ENGINE = ReplacingMergeTree PARTITION BY (tier, intDiv(bucket, 24)) "
      "ORDER BY (tier, bucket, version)",
  };
}

// migrations[i] makes version i + 1 of version i; each statement may be run twice.
std::vector<Statements> Migrations() { return {FirstVersion(), SecondVersion()}; }

uint32_t KnownVersion() { return static_cast<uint32_t>(Migrations().size()); }

// 0 for an empty table.
Result<uint32_t> StoredVersion(const Connection& connection) {
  const Result<std::string> rows =
      connection.Select("SELECT toUInt32(max(version)) FROM schema_version");
  if (!rows.ok()) return rows.status();
  ByteReader in(*rows);
  const uint32_t version = in.Fixed32();
  if (!in.done()) {
    return Status(StatusCode::kDataLoss,
                  connection.name() + ": schema_version is no table of ours");
  }
  return version;
}

Status TooNew(const Connection& connection, uint32_t version) {
  return {StatusCode::kUnsupported, connection.name() + ": the tables have version " +
                                        std::to_string(version) + ", this program knows up to " +
                                        std::to_string(KnownVersion()) + "; use the newer program"};
}

Status Migrate(const Connection& connection, uint32_t version) {
  const std::vector<Statements> migrations = Migrations();
  for (; version < migrations.size(); ++version) {
    for (const std::string& statement : migrations[version]) {
      if (Status status = connection.Run(statement); !status.ok()) return status;
    }
    Status status =
        connection.Run("INSERT INTO schema_version VALUES (" + std::to_string(version + 1) + ")");
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace

Status PrepareSchema(const Connection& connection) {
  Result<uint32_t> version = StoredVersion(connection);
  if (!version.ok() && version.status().code() == StatusCode::kNotFound) {
    if (Status status = connection.CreateDatabase(); !status.ok()) return status;
    Status status = connection.Run(
        "CREATE TABLE IF NOT EXISTS schema_version (version UInt32) "
        "ENGINE = ReplacingMergeTree ORDER BY version");
    if (!status.ok()) return status;
    version = StoredVersion(connection);
  }
  if (!version.ok()) return version.status();
  if (*version > KnownVersion()) return TooNew(connection, *version);
  return Migrate(connection, *version);
}

Status CheckSchema(const Connection& connection) {
  const Result<uint32_t> version = StoredVersion(connection);
  if (!version.ok()) return version.status();
  if (*version > KnownVersion()) return TooNew(connection, *version);
  if (*version == KnownVersion()) return Status::Ok();
  return {StatusCode::kUnsupported, connection.name() + ": the tables have version " +
                                        std::to_string(*version) +
                                        "; start this version's collector on them once, which "
                                        "brings them up to date"};
}

}  // namespace stacksampler::store
