// SPDX-License-Identifier: MIT
//
// Purpose: the blocks of a sealed segment, checked and decoded: what every reader of one shares.
// Shapes: docs/store-format.md.
// Thread safety: free functions; a GdbmFile serves one thread at a time.
// Errors: name the file and the key. A key that a segment promises is missing through damage only.
#ifndef STACKSAMPLER_STORE_SEGMENT_ROWS_H_
#define STACKSAMPLER_STORE_SEGMENT_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/dictionary.h"
#include "store/gdbm_file.h"
#include "store/segment_layout.h"

namespace stacksampler::store {

/// "FILE: KEY is not understood"
Status DamagedBlock(const std::string& path, const std::string& key);

/// The payload under `key`.
Result<std::string> FetchBlock(GdbmFile* file, const std::string& path, const std::string& key);

Result<SegmentMeta> FetchMeta(GdbmFile* file, const std::string& path);

/// What all cells of a segment refer to.
struct SegmentTables {
  DictionaryMap ids;  // from the segment's to the vocabulary's
  std::vector<Target> targets;
  bool ordered = false;  // stacks in rows are numbers in the order of their target
};
Result<SegmentTables> FetchTables(GdbmFile* file, const std::string& path, Profile* vocabulary);

/// What stacks in the rows of a target mean, in the vocabulary.
Result<std::vector<StackId>> FetchStacksOfRows(GdbmFile* file, const std::string& path,
                                               const SegmentTables& tables, size_t target);

/// One record in a rows block.
struct Row {
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::vector<std::pair<size_t, std::string_view>> runs;  // series, cells
};

/// Reads the next row. A bad one fails `in`.
Row ReadRow(ByteReader* in, int64_t slice, size_t series_count);

/// What one record of a rows block has of times.
struct TimesRow {
  size_t number = 0;  // of the record in its rows block, from 0
  int64_t bucket_ns = 0;
  Row row;  // its runs have time cells
};

/// Reads the next one, behind the record `*next` - 1, and raises `*next`. A bad one fails `in`.
TimesRow ReadTimesRow(ByteReader* in, int64_t slice, size_t series_count, size_t* next);

/// Calls `visit(times_row)` for each record with times of a target that ended in the slice; a false
/// answer means damage. What is before the damage was visited. REQUIRES: one of its timed slices.
template <typename Visit>
Status ForEachTimesRowOf(GdbmFile* file, const std::string& path, const Target& table,
                         size_t target, int64_t slice, Visit visit) {
  const std::string key = TimesKey(target, slice);
  const Result<std::string> block = FetchBlock(file, path, key);
  if (!block.ok()) return block.status();
  ByteReader in(*block);
  size_t next = 0;
  while (in.ok() && in.remaining() > 0) {
    const TimesRow times = ReadTimesRow(&in, slice, table.series.size(), &next);
    if (in.ok() && !visit(times)) in.Fail();
  }
  return in.ok() ? Status::Ok() : DamagedBlock(path, key);
}

/// Calls `visit(row)` for each record of a target that ended in the slice; a false answer means
/// damage. What is before the damage was visited.
template <typename Visit>
Status ForEachRowOf(GdbmFile* file, const std::string& path, const Target& table, size_t target,
                    int64_t slice, Visit visit) {
  const std::string key = RowsKey(target, slice);
  const Result<std::string> block = FetchBlock(file, path, key);
  if (!block.ok()) return block.status();
  ByteReader in(*block);
  while (in.ok() && in.remaining() > 0) {
    const Row row = ReadRow(&in, slice, table.series.size());
    if (in.ok() && !visit(row)) in.Fail();
  }
  return in.ok() ? Status::Ok() : DamagedBlock(path, key);
}

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_ROWS_H_
