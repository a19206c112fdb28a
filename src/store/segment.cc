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

// What is good is taken, and the first damage reported.
void KeepFirst(Status* first, Status status) {
  if (first->ok()) *first = std::move(status);
}

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
  Segment segment(path);
  segment.meta_ = *meta;
  return segment;
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
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  Merger* merger = wanted.front();
  if (merger->TakesAllAsOne() && merger->range().Covers(meta_.first_end_ns, meta_.last_end_ns)) {
    return MergeTotal(&*file, merger);
  }
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) {
    KeepFirst(&first, MergeTarget(&*file, i, wanted));
  }
  return first;
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

// Visits the records of a target with their ends in the range.
template <typename Visit>
Status Segment::ForEachRow(GdbmFile* file, size_t target, const Range& range, Visit visit) {
  Status first;
  for (const int64_t slice : targets()[target].slices) {
    const int64_t begin_ns = slice * kSliceNs;
    if (!range.Meets(begin_ns, begin_ns + (kSliceNs - 1))) continue;
    KeepFirst(&first,
              ForEachRowOf(file, path_, targets()[target], target, slice, [&](const Row& row) {
                return !range.Contains(row.end_ns) || visit(row);
              }));
  }
  return first;
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

// All ends in the slice of a moment, ascending. REQUIRES: a moment within the segment.
Result<const std::vector<int64_t>*> Segment::EndsAround(int64_t ns, Profile* vocabulary) {
  const int64_t slice = ns / kSliceNs;
  if (const auto known = ends_.find(slice); known != ends_.end()) return &known->second;
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  std::vector<int64_t> ends;
  const Range range = {slice * kSliceNs, slice * kSliceNs + (kSliceNs - 1)};
  for (size_t i = 0; i < targets().size(); ++i) {
    const Status status = ForEachRow(&*file, i, range, [&ends](const Row& row) {
      ends.push_back(row.end_ns);
      return true;
    });
    if (!status.ok()) return status;
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return &(ends_[slice] = std::move(ends));
}

Result<std::optional<Range>> Segment::Narrow(const Range& range, Profile* vocabulary) {
  if (!range.Meets(meta_.first_end_ns, meta_.last_end_ns)) return std::optional<Range>();
  Range narrow = {std::max(range.from_ns, meta_.first_end_ns),
                  std::min(range.until_ns, meta_.last_end_ns)};
  // Where the moment's slice has no end on the inner side of it, the slice's border will do.
  if (narrow.from_ns > meta_.first_end_ns) {
    const auto ends = EndsAround(narrow.from_ns, vocabulary);
    if (!ends.ok()) return ends.status();
    const auto it = std::lower_bound((*ends)->begin(), (*ends)->end(), narrow.from_ns);
    narrow.from_ns = it != (*ends)->end() ? *it : (narrow.from_ns / kSliceNs + 1) * kSliceNs;
  }
  if (narrow.until_ns < meta_.last_end_ns) {
    const auto ends = EndsAround(narrow.until_ns, vocabulary);
    if (!ends.ok()) return ends.status();
    const auto it = std::upper_bound((*ends)->begin(), (*ends)->end(), narrow.until_ns);
    narrow.until_ns =
        it != (*ends)->begin() ? *std::prev(it) : narrow.until_ns / kSliceNs * kSliceNs - 1;
  }
  if (narrow.from_ns > narrow.until_ns) return std::optional<Range>();
  return std::optional<Range>(narrow);
}

Status Segment::AddVolumes(VolumeSums* sums, Profile* vocabulary) {
  if (!sums->range().Meets(meta_.first_end_ns, meta_.last_end_ns)) return Status::Ok();
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) {
    KeepFirst(&first, AddTargetVolumes(&*file, i, sums));
  }
  return first;
}

Status Segment::AddTargetVolumes(GdbmFile* file, size_t target, VolumeSums* sums) {
  bool any = false;
  bool from_totals = true;  // no series is spread over several intervals
  for (const Series& series : targets()[target].series) {
    if (!sums->Wants(LabelsOf(series))) continue;
    any = any || sums->range().Meets(series.first_end_ns, series.last_end_ns);
    from_totals = from_totals && sums->InOneInterval(series.first_end_ns, series.last_end_ns);
  }
  if (!any) return Status::Ok();
  const auto add = [&](const Series& series, std::string_view cells, int64_t end_ns) {
    const LabelSetId labels = LabelsOf(series);
    return !sums->Wants(labels) || sums->AddCells(cells, labels, series.period_ns, end_ns);
  };
  if (from_totals) {
    return ForEachTotal(file, target, [&](const Series& series, std::string_view cells) {
      return add(series, cells, series.last_end_ns);
    });
  }
  return ForEachRow(file, target, sums->range(), [&](const Row& row) {
    return std::all_of(row.runs.begin(), row.runs.end(), [&](const auto& run) {
      return add(targets()[target].series[run.first], run.second, row.end_ns);
    });
  });
}

Status Segment::AddTimes(TimesSums* sums, Profile* vocabulary) {
  if (!sums->Meets(meta_.start_ns, meta_.last_end_ns)) return Status::Ok();
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) {
    KeepFirst(&first, AddTargetTimes(&*file, i, sums));
  }
  return first;
}

Status Segment::AddTargetTimes(GdbmFile* file, size_t target, TimesSums* sums) {
  const Target& table = targets()[target];
  const auto add = [&](const TimesRow& times) {
    if (!sums->Meets(times.row.start_ns, times.row.end_ns)) return true;
    return std::all_of(times.row.runs.begin(), times.row.runs.end(), [&](const auto& run) {
      const Series& series = table.series[run.first];
      return !sums->Wants(LabelsOf(series)) ||
             sums->AddCells(run.second, ids().stacks(), LabelsOf(series), series.period_ns,
                            times.bucket_ns);
    });
  };
  Status first;
  for (const int64_t slice : table.timed_slices) {
    const int64_t begin_ns = slice * kSliceNs;
    if (!sums->Meets(begin_ns - table.longest_timed_ns, begin_ns + (kSliceNs - 1))) continue;
    KeepFirst(&first, ForEachTimesRowOf(file, path_, table, target, slice, add));
  }
  return first;
}

Status Segment::CollectSeries(const Range& range, Profile* vocabulary,
                              std::set<LabelSetId>* found) {
  if (!range.Meets(meta_.first_end_ns, meta_.last_end_ns)) return Status::Ok();
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  if (Status status = Load(&*file, vocabulary); !status.ok()) return status;
  Status first;
  for (size_t i = 0; i < targets().size(); ++i) {
    KeepFirst(&first, CollectTarget(&*file, i, range, found));
  }
  return first;
}

Status Segment::CollectTarget(GdbmFile* file, size_t target, const Range& range,
                              std::set<LabelSetId>* found) {
  bool unsure = false;  // only the rows can tell whether a record lies in the range
  for (const Series& series : targets()[target].series) {
    if (!range.Meets(series.first_end_ns, series.last_end_ns)) continue;
    if (range.Contains(series.first_end_ns) || range.Contains(series.last_end_ns)) {
      found->insert(LabelsOf(series));
    } else {
      unsure = true;
    }
  }
  if (!unsure) return Status::Ok();
  return ForEachRow(file, target, range, [&](const Row& row) {
    for (const auto& run : row.runs) found->insert(LabelsOf(targets()[target].series[run.first]));
    return true;
  });
}

Result<std::string> Segment::Refs() {
  Result<GdbmFile> file = GdbmFile::Open(path_);
  if (!file.ok()) return file.status();
  return FetchBlock(&*file, path_, std::string(kRefsKey));
}

}  // namespace stacksampler::store
