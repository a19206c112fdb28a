// SPDX-License-Identifier: MIT
#include "store/segment_rows.h"

#include <optional>

#include "store/checksum.h"
#include "store/sample_times.h"
#include "store/target_order.h"

namespace stacksampler::store {

namespace {

// A segment has all of its keys, so that one that is not found tells of damage. What cannot be read
// for a moment does not.
Status Missing(const Status& status) {
  if (status.code() != StatusCode::kNotFound) return status;
  return {StatusCode::kDataLoss, status.message()};
}

}  // namespace

Status DamagedBlock(const std::string& path, const std::string& key) {
  return {StatusCode::kDataLoss, path + ": " + key + " is not understood"};
}

Result<std::string> FetchBlock(GdbmFile* file, const std::string& path, const std::string& key) {
  const Result<std::string> value = file->Get(key);
  if (!value.ok()) return Missing(value.status());
  Result<std::string> block = UnpackBlock(key, *value);
  if (block.ok()) return block;
  return Status(block.status().code(), path + ": " + key + ": " + block.status().message());
}

Result<SegmentMeta> FetchMeta(GdbmFile* file, const std::string& path) {
  const Result<std::string> text = file->Get(kMetaKey);
  if (!text.ok()) return Missing(text.status());
  Result<SegmentMeta> meta = ParseMeta(*text);
  if (meta.ok()) return meta;
  return Status(meta.status().code(), path + ": " + meta.status().message());
}

namespace {

// The meta tells; where it is damaged, the table that is there. After another error gdbm reads no
// more from the file, and takes it for damaged.
Result<bool> IsOrdered(GdbmFile* file, const std::string& path) {
  const Result<SegmentMeta> meta = FetchMeta(file, path);
  if (meta.ok()) return meta->version >= kOrderedVersion;
  if (!IsDamage(meta.status())) return meta.status();
  return file->Get(kOrderedTargetsKey).status().code() != StatusCode::kNotFound;
}

}  // namespace

Result<SegmentTables> FetchTables(GdbmFile* file, const std::string& path, Profile* vocabulary) {
  const std::string dictionary_key(kDictionaryKey);
  const Result<std::string> dictionary = FetchBlock(file, path, dictionary_key);
  if (!dictionary.ok()) return dictionary.status();
  SegmentTables tables;
  const Result<bool> ordered = IsOrdered(file, path);
  if (!ordered.ok()) return ordered.status();
  tables.ordered = *ordered;
  const std::string table_key(tables.ordered ? kOrderedTargetsKey : kTargetsKey);
  const Result<std::string> table = FetchBlock(file, path, table_key);
  if (!table.ok()) return table.status();
  ByteReader in(*dictionary);
  tables.ids.Absorb(&in, vocabulary);
  if (!in.done()) return DamagedBlock(path, dictionary_key);
  Result<std::vector<Target>> targets = DecodeTargets(*table, tables.ids.label_sets().size());
  if (!targets.ok()) return DamagedBlock(path, table_key);
  tables.targets = *std::move(targets);
  return tables;
}

Result<std::vector<StackId>> FetchStacksOfRows(GdbmFile* file, const std::string& path,
                                               const SegmentTables& tables, size_t target) {
  const std::vector<StackId>& stacks = tables.ids.stacks();
  if (!tables.ordered) return stacks;
  const std::string key = TargetTotalKey(target);
  const Result<std::string> block = FetchBlock(file, path, key);
  if (!block.ok()) return block.status();
  std::optional<TargetOrder> order =
      ReadOrder(*block, tables.targets[target].series.size(), stacks.size());
  if (!order) return DamagedBlock(path, key);
  for (StackId& stack : *order) stack = stacks[stack];
  return *std::move(order);
}

Row ReadRow(ByteReader* in, int64_t slice, size_t series_count) {
  Row row;
  row.end_ns = slice * kSliceNs + static_cast<int64_t>(in->VarintBelow(kSliceNs));
  row.start_ns =
      row.end_ns - static_cast<int64_t>(in->VarintBelow(static_cast<uint64_t>(row.end_ns) + 1));
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    const size_t series = in->VarintBelow(series_count);
    row.runs.emplace_back(series, in->Text());
  }
  return row;
}

TimesRow ReadTimesRow(ByteReader* in, int64_t slice, size_t series_count, size_t* next) {
  TimesRow times;
  times.number = *next + in->VarintBelow(uint64_t{1} << 32);
  *next = times.number + 1;
  times.bucket_ns = in->Int63();
  if (times.bucket_ns < kMinBucketNs || times.bucket_ns > kMaxBucketNs) in->Fail();
  times.row = ReadRow(in, slice, series_count);
  return times;
}

}  // namespace stacksampler::store
