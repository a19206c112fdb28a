// SPDX-License-Identifier: MIT
//
// Purpose: the tables of a ClickHouse store, made and brought up to date by the collector.
// Shapes: docs/clickhouse.md has every table and column. Each server has all tables; what its
//   samples name is on the same server.
// Thread safety: free functions; two collectors may prepare one database at once.
// Errors: kUnsupported for a database that a newer version made; kNotFound (CheckSchema) for one
//   that holds no store.
#ifndef STACKSAMPLER_STORE_CLICKHOUSE_SCHEMA_H_
#define STACKSAMPLER_STORE_CLICKHOUSE_SCHEMA_H_

#include "stacksampler/status.h"
#include "store/clickhouse/connection.h"
#include "store/store_dir.h"

namespace stacksampler::store {

/// Each row with its columns, for inserts.
inline constexpr const char* kLabelSetsTable =
    "label_sets (series, second_hash, label_keys, label_values)";
inline constexpr const char* kFramesTable =
    "frames (frame, second_hash, name, mangled_name, module, build_id, file, line, inlined)";
inline constexpr const char* kStacksTable = "stacks (stack, second_hash, frame_ids)";
inline constexpr const char* kSamplesTable =
    "samples (end_ns, series, window_key, start_ns, period_ns, collector, target, instance, "
    "window_id, weight, stack_ids, weights)";

/// A partition of samples is a day: its number since 1970. What ends at midnight is of the day that
/// it ends.

/// Makes what is missing: the database, its tables, what a newer version of ours added.
Status PrepareSchema(const Connection& connection);
/// Ok when the database holds a store of this version, or of one that this version can read.
Status CheckSchema(const Connection& connection);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CLICKHOUSE_SCHEMA_H_
