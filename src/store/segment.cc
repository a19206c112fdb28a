// SPDX-License-Identifier: MIT
#include "store/segment.h"

#include <algorithm>
#include <bitset>
#include <iterator>
#include <utility>

#include "base/varint.h"
#include "store/segment_rows.h"

namespace stacksampler::store {
namespace {

// The records of a target that the series `wanted` have, together, and the time they cover.
class Coverage {
 public:
  void Add(const Series& series) {
    start_ns_ = std::min(start_ns_, series.start_ns);
    first_end_ns_ = std::min(first_end_ns_, series.first_end_ns);
    last_end_ns_ = std::max(last_end_ns_, series.last_end_ns);
    records_.resize(std::max(records_.size(), series.records.size()));
    for (size_t i = 0; i < series.records.size(); ++i) records_[i] |= series.records[i];
  }
  [[nodiscard]] bool Meets(const Range& range) const {
    return !records_.empty() && range.Meets(first_end_ns_, last_end_ns_);
  }
  [[nodiscard]] bool CoveredBy(const Range& range) const {
    return range.Covers(first_end_ns_, last_end_ns_);
  }
  void AddTo(Merger* merger) const {
    uint64_t records = 0;
    for (const char byte : records_) records += std::bitset<8>(static_cast<uint8_t>(byte)).count();
    merger->AddRecords(records, start_ns_, last_end_ns_);
  }

 private:
  int64_t start_ns_ = INT64_MAX;
  int64_t first_end_ns_ = INT64_MAX;
  int64_t last_end_ns_ = INT64_MIN;
  std::string records_;  // bits; empty when there was no series
};

}  // namespace

Result<Segment> Segment::Open(const std::string& path) {
  Result<GdbmFile> file = GdbmFile::Open(path);
  if (!file.ok()) return file.status();
  const Result<SegmentMeta> meta = FetchMeta(&*file, path);
  if (!meta.ok()) return meta.status();
  const Result<FileIdentity> identity = file->Identity();
  if (!identity.ok()) return identity.status();
  Segment segment(path);
  segment.identity_ = *identity;
  segment.meta_ = *meta;
  return segment;
}

Result<GdbmFile> Segment::OpenFile() const {
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file;
  const Result<FileIdentity> identity = file->Identity();
  if (!identity.ok()) return identity.status();
  if (!(*identity == identity_)) return Status(StatusCode::kNotFound, path_ + " was replaced");
  return file;
}

Status Segment::Load(GdbmFile* file, Profile* vocabulary) {
  if (loaded_) return Status::Ok();
  Result<SegmentTables> tables = FetchTables(file, path_, vocabulary);
  if (!tables.ok()) return tables.status();
  tables_ = *std::move(tables);
  tables_.ids.Close();
  loaded_ = true;
  return Status::Ok();
}

Status Segment::Merge(const std::vector<Merger*>& mergers, Profile* vocabulary) {
  std::vector<Merger*> wanted;
  std::copy_if(mergers.begin(), mergers.end(), std::back_inserter(wanted), [&](Merger* merger) {
    return merger->range().Meets(meta_.first_end_ns, meta_.last_end_ns);
  });
  if (wanted.empty()) return Status::Ok();
  Result<GdbmFile> file = OpenFile();
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  if (IsWantedWhole(wanted.front())) return MergeTotal(&*file, wanted.front());
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) {
    KeepFirst(&first, MergeTarget(&*file, i, wanted));
  }
  return first;
}

// The sums over all series are the answer: none is left out, and none told from another.
bool Segment::IsWantedWhole(Merger* merger) const {
  if (merger->keeps_labels()) return false;
  if (!merger->range().Covers(meta_.first_end_ns, meta_.last_end_ns)) return false;
  const auto wants = [&](const Series& series) { return merger->Wants(LabelsOf(series)); };
  return !merger->has_filter() ||
         std::all_of(targets().begin(), targets().end(), [&](const Target& target) {
           return std::all_of(target.series.begin(), target.series.end(), wants);
         });
}

Status Segment::MergeTotal(GdbmFile* file, Merger* merger) {
  const std::string key(kTotalKey);
  const Result<std::string> block = FetchBlock(file, path_, key);
  if (!block.ok()) return block.status();
  merger->AddRecords(meta_.records, meta_.start_ns, meta_.last_end_ns);
  ByteReader in(*block);
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const int64_t period_ns = in.Int63();
    if (!merger->AddCells(in.Text(), ids().stacks(), 0, period_ns)) in.Fail();
  }
  return in.done() ? Status::Ok() : DamagedBlock(path_, key);
}

Status Segment::MergeTarget(GdbmFile* file, size_t target, const std::vector<Merger*>& mergers) {
  Coverage wanted;
  for (const Series& series : targets()[target].series) {
    if (mergers.front()->Wants(LabelsOf(series))) wanted.Add(series);
  }
  for (Merger* merger : mergers) {
    if (!wanted.Meets(merger->range())) continue;
    if (!wanted.CoveredBy(merger->range())) return MergeRows(file, target, mergers);
    wanted.AddTo(merger);
    return ForEachTotal(file, target, [&](const Series& series, std::string_view cells) {
      const LabelSetId labels = LabelsOf(series);
      return !merger->Wants(labels) ||
             merger->AddCells(cells, ids().stacks(), labels, series.period_ns);
    });
  }
  return Status::Ok();
}

// What stacks in a target's rows mean, in the vocabulary.
Result<const std::vector<StackId>*> Segment::StacksOfRows(GdbmFile* file, size_t target) {
  if (!tables_.ordered) return &ids().stacks();
  if (const auto known = row_stacks_.find(target); known != row_stacks_.end()) {
    return &known->second;
  }
  Result<std::vector<StackId>> stacks = FetchStacksOfRows(file, path_, tables_, target);
  if (!stacks.ok()) return stacks.status();
  return &(row_stacks_[target] = *std::move(stacks));
}

Status Segment::MergeRows(GdbmFile* file, size_t target, const std::vector<Merger*>& mergers) {
  const auto stacks = StacksOfRows(file, target);
  if (!stacks.ok()) return stacks.status();
  const Range hull = {mergers.front()->range().from_ns, mergers.back()->range().until_ns};
  return ForEachRow(file, target, hull, [&](const Row& row) {
    const auto takes = [&row](Merger* merger) { return merger->range().Contains(row.end_ns); };
    const auto it = std::find_if(mergers.begin(), mergers.end(), takes);
    if (it == mergers.end()) return true;
    bool any = false;
    for (const auto& [number, cells] : row.runs) {
      const Series& series = targets()[target].series[number];
      if (!(*it)->Wants(LabelsOf(series))) continue;
      any = true;
      if (!(*it)->AddCells(cells, **stacks, LabelsOf(series), series.period_ns)) return false;
    }
    if (any) (*it)->AddRecords(1, row.start_ns, row.end_ns);
    return true;
  });
}

Result<std::string> Segment::Refs() {
  Result<GdbmFile> file = OpenFile();
  if (!file.ok()) return file.status();
  return FetchBlock(&*file, path_, std::string(kRefsKey));
}

}  // namespace stacksampler::store
