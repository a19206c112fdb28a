// SPDX-License-Identifier: MIT
#include "store/segment_rows.h"

#include "store/checksum.h"
#include "store/sample_times.h"

namespace stacksampler::store {

Status DamagedBlock(const std::string& path, const std::string& key) {
  return {StatusCode::kDataLoss, path + ": " + key + " is not understood"};
}

Result<std::string> FetchBlock(GdbmFile* file, const std::string& path, const std::string& key) {
  const Result<std::string> value = file->Get(key);
  if (!value.ok()) return Status(StatusCode::kDataLoss, value.status().message());
  Result<std::string> block = UnpackBlock(key, *value);
  if (block.ok()) return block;
  return Status(block.status().code(), path + ": " + key + ": " + block.status().message());
}

Result<SegmentMeta> FetchMeta(GdbmFile* file, const std::string& path) {
  const Result<std::string> text = file->Get(kMetaKey);
  if (!text.ok()) return Status(StatusCode::kDataLoss, text.status().message());
  Result<SegmentMeta> meta = ParseMeta(*text);
  if (meta.ok()) return meta;
  return Status(meta.status().code(), path + ": " + meta.status().message());
}

Result<SegmentTables> FetchTables(GdbmFile* file, const std::string& path, Profile* vocabulary) {
  const std::string dictionary_key(kDictionaryKey);
  const Result<std::string> dictionary = FetchBlock(file, path, dictionary_key);
  if (!dictionary.ok()) return dictionary.status();
  const Result<std::string> table = FetchBlock(file, path, std::string(kTargetsKey));
  if (!table.ok()) return table.status();
  SegmentTables tables;
  ByteReader in(*dictionary);
  tables.ids.Absorb(&in, vocabulary);
  if (!in.done()) return DamagedBlock(path, dictionary_key);
  Result<std::vector<Target>> targets = DecodeTargets(*table, tables.ids.label_sets().size());
  if (!targets.ok()) return DamagedBlock(path, std::string(kTargetsKey));
  tables.targets = *std::move(targets);
  return tables;
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
