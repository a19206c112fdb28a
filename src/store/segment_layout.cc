// SPDX-License-Identifier: MIT
#include "store/segment_layout.h"

#include <algorithm>
#include <charconv>

#include "base/varint.h"
#include "store/checksum.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

Status Damaged(const std::string& what) { return {StatusCode::kDataLoss, what}; }

// Reads "name number " from the front of `text`.
bool TakeNumber(std::string_view name, std::string_view* text, int64_t* value) {
  if (text->substr(0, name.size()) != name) return false;
  text->remove_prefix(name.size());
  if (text->empty() || text->front() != ' ') return false;
  text->remove_prefix(1);
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), *value);
  if (parsed.ec != std::errc() || parsed.ptr == text->data() + text->size()) return false;
  if (*parsed.ptr != ' ') return false;
  text->remove_prefix(static_cast<size_t>(parsed.ptr + 1 - text->data()));
  return true;
}

// What every record keeps makes it so for the earliest and the latest of many.
bool AreTimes(int64_t start_ns, int64_t first_end_ns, int64_t last_end_ns) {
  return 0 <= start_ns && start_ns <= first_end_ns && first_end_ns <= last_end_ns &&
         last_end_ns <= kMaxTimeNs;
}

std::string Number(std::string_view name, int64_t value) {
  return std::string(name) + " " + std::to_string(value) + " ";
}

void PutSeries(const Series& series, std::string* out) {
  PutVarint(out, series.labels);
  PutVarint(out, static_cast<uint64_t>(series.period_ns));
  PutVarint(out, static_cast<uint64_t>(series.start_ns));
  PutVarint(out, static_cast<uint64_t>(series.first_end_ns));
  PutVarint(out, static_cast<uint64_t>(series.last_end_ns));
  out->append(series.records);
}

Series ReadSeries(ByteReader* in, uint64_t records, size_t label_set_count) {
  Series series;
  series.labels = in->IdBelow(label_set_count);
  series.period_ns = in->Int63();
  series.start_ns = in->Int63();
  series.first_end_ns = in->Int63();
  series.last_end_ns = in->Int63();
  series.records = in->Raw(BitmapBytes(records));
  if (!AreTimes(series.start_ns, series.first_end_ns, series.last_end_ns)) in->Fail();
  return series;
}

void PutSlices(const std::vector<int64_t>& slices, std::string* out) {
  PutVarint(out, slices.size());
  int64_t previous = 0;
  for (const int64_t slice : slices) {
    PutVarint(out, static_cast<uint64_t>(slice - previous));
    previous = slice;
  }
}

std::vector<int64_t> ReadSlices(ByteReader* in) {
  std::vector<int64_t> slices;
  int64_t slice = 0;
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    slice += static_cast<int64_t>(in->VarintBelow(static_cast<uint64_t>(kLastSlice - slice) + 1));
    slices.push_back(slice);
  }
  return slices;
}

Target ReadTarget(ByteReader* in, size_t label_set_count) {
  Target target;
  target.labels = in->IdBelow(label_set_count);
  target.records = in->VarintBelow(uint64_t{1} << 32);
  target.slices = ReadSlices(in);
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    target.series.push_back(ReadSeries(in, target.records, label_set_count));
  }
  return target;
}

// Behind the table, and only where there are any: version 1 had none.
void PutTimed(const std::vector<Target>& targets, std::string* out) {
  const auto has_times = [](const Target& target) { return !target.timed_slices.empty(); };
  if (std::none_of(targets.begin(), targets.end(), has_times)) return;
  for (const Target& target : targets) {
    PutSlices(target.timed_slices, out);
    PutVarint(out, static_cast<uint64_t>(target.longest_timed_ns));
  }
}

void ReadTimed(ByteReader* in, std::vector<Target>* targets) {
  for (Target& target : *targets) {
    target.timed_slices = ReadSlices(in);
    target.longest_timed_ns = static_cast<int64_t>(in->VarintBelow(kMaxTimeNs));
    if (!std::includes(target.slices.begin(), target.slices.end(), target.timed_slices.begin(),
                       target.timed_slices.end())) {
      in->Fail();
    }
  }
}

}  // namespace

std::string TargetTotalKey(size_t target) { return "total/" + std::to_string(target); }

std::string RowsKey(size_t target, int64_t slice) {
  return "rows/" + std::to_string(target) + "/" + std::to_string(slice);
}

std::string TimesKey(size_t target, int64_t slice) {
  return "times/" + std::to_string(target) + "/" + std::to_string(slice);
}

std::string FormatMeta(const SegmentMeta& meta) {
  return WithCheck(Number("version", meta.version) + Number("start_ns", meta.start_ns) +
                   Number("first_end_ns", meta.first_end_ns) +
                   Number("last_end_ns", meta.last_end_ns) +
                   Number("records", static_cast<int64_t>(meta.records)) +
                   Number("weight", meta.weight) + Number("cpu_ns", meta.cpu_ns));
}

Result<SegmentMeta> ParseMeta(std::string_view text) {
  int64_t version = 0;
  std::string_view rest = text;
  if (TakeNumber("version", &rest, &version) && version > kFormatVersion) {
    return Status(StatusCode::kUnsupported, "it has version " + std::to_string(version) +
                                                ", this program knows up to " +
                                                std::to_string(kFormatVersion));
  }
  const Result<std::string> body = StripCheck(text);
  if (!body.ok()) return body.status();
  rest = *body;
  SegmentMeta meta;
  int64_t records = 0;
  const bool good =
      TakeNumber("version", &rest, &version) && TakeNumber("start_ns", &rest, &meta.start_ns) &&
      TakeNumber("first_end_ns", &rest, &meta.first_end_ns) &&
      TakeNumber("last_end_ns", &rest, &meta.last_end_ns) &&
      TakeNumber("records", &rest, &records) && TakeNumber("weight", &rest, &meta.weight) &&
      TakeNumber("cpu_ns", &rest, &meta.cpu_ns) && records >= 0 && meta.weight >= 0 &&
      meta.cpu_ns >= 0 && AreTimes(meta.start_ns, meta.first_end_ns, meta.last_end_ns);
  if (!good) return Damaged("its meta text is not understood");
  meta.version = static_cast<int>(version);
  meta.records = static_cast<uint64_t>(records);
  return meta;
}

std::string EncodeTargets(const std::vector<Target>& targets) {
  std::string out;
  PutVarint(&out, targets.size());
  for (const Target& target : targets) {
    PutVarint(&out, target.labels);
    PutVarint(&out, target.records);
    PutSlices(target.slices, &out);
    PutVarint(&out, target.series.size());
    for (const Series& series : target.series) PutSeries(series, &out);
  }
  PutTimed(targets, &out);
  return out;
}

Result<std::vector<Target>> DecodeTargets(std::string_view bytes, size_t label_set_count) {
  ByteReader in(bytes);
  std::vector<Target> targets;
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
    targets.push_back(ReadTarget(&in, label_set_count));
  }
  if (in.remaining() > 0) ReadTimed(&in, &targets);
  if (!in.done()) return Damaged("its table of targets is not understood");
  return targets;
}

}  // namespace stacksampler::store
