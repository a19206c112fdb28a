// SPDX-License-Identifier: MIT
#include "store/day_totals.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/cells.h"
#include "store/segment.h"
#include "store/segment_writer.h"

namespace stacksampler::store {
namespace {

// Each is open while they are summed up; descriptors are few.
constexpr size_t kMaxSegmentsOfTotal = 128;

struct OpenSegment {
  Segment segment;
  GdbmFile file;
};

// A target of one segment.
struct Part {
  OpenSegment* source;
  size_t target;
};

using SeriesKey = std::pair<LabelSetId, int64_t>;  // label set of the day's dictionary, period
using SeriesPlaces = std::map<SeriesKey, size_t>;

class DayBuilder {
 public:
  explicit DayBuilder(std::vector<OpenSegment>* segments) : segments_(*segments) {}

  Status WriteTo(GdbmFile* file) {
    for (OpenSegment& source : segments_) {
      if (Status status = source.segment.Load(&source.file, &dictionary_); !status.ok()) {
        return status;
      }
      if (!AddMeta(source.segment.meta())) return TooMuch();
      AddTargets(&source);
    }
    PeriodSums totals(dictionary_.stacks().size());
    for (const auto& [labels, parts] : targets_) {
      if (Status status = WriteTarget(labels, parts, &totals, file); !status.ok()) return status;
    }
    if (weight_ != meta_.weight) {
      return {StatusCode::kDataLoss, "the totals of its segments differ from their heads"};
    }
    return PutHead(dictionary_, tables_, totals.Take(), meta_, file);
  }

 private:
  static Status TooMuch() {
    return {StatusCode::kResourceExhausted, "the sums over the day pass 2^63"};
  }

  bool AddMeta(const SegmentMeta& meta) {
    const bool first = meta_.records == 0;
    meta_.start_ns = first ? meta.start_ns : std::min(meta_.start_ns, meta.start_ns);
    meta_.first_end_ns =
        first ? meta.first_end_ns : std::min(meta_.first_end_ns, meta.first_end_ns);
    meta_.last_end_ns = std::max(meta_.last_end_ns, meta.last_end_ns);
    meta_.records += meta.records;
    return !__builtin_add_overflow(meta_.weight, meta.weight, &meta_.weight) &&
           !__builtin_add_overflow(meta_.cpu_ns, meta.cpu_ns, &meta_.cpu_ns);
  }

  void AddTargets(OpenSegment* source) {
    const auto& targets = source->segment.targets();
    for (size_t i = 0; i < targets.size(); ++i) {
      targets_[source->segment.ids().label_sets()[targets[i].labels]].push_back({source, i});
    }
  }

  Status WriteTarget(LabelSetId labels, const std::vector<Part>& parts, PeriodSums* totals,
                     GdbmFile* file) {
    Target table;
    table.labels = labels;
    SeriesPlaces places;
    std::vector<std::vector<Cell>> cells;
    for (const Part& part : parts) {
      AddTable(part, &table, &places);
      cells.resize(table.series.size());
      if (Status status = Fetch(part, places, &cells); !status.ok()) return status;
    }
    std::string out;
    CellSums sums(dictionary_.stacks().size());
    for (size_t i = 0; i < cells.size(); ++i) {
      table.series[i].records.resize(BitmapBytes(table.records));
      for (const Cell& cell : cells[i]) sums.Add(cell.stack, cell.weight);
      const std::vector<Cell> summed = sums.Take();
      PutText(&out, EncodeCells(summed));
      totals->Add(table.series[i].period_ns, summed);
    }
    tables_.push_back(std::move(table));
    return PutBlock(TargetTotalKey(tables_.size() - 1), out, file);
  }

  static SeriesKey KeyOf(const Segment& segment, const Series& series) {
    return {segment.ids().label_sets()[series.labels], series.period_ns};
  }

  // Adds the table of a target in one segment behind what came before.
  static void AddTable(const Part& part, Target* table, SeriesPlaces* places) {
    const Target& more = part.source->segment.targets()[part.target];
    for (const Series& from : more.series) {
      const SeriesKey key = KeyOf(part.source->segment, from);
      const auto [it, is_new] = places->try_emplace(key, table->series.size());
      if (is_new) {
        table->series.push_back(
            {key.first, key.second, from.start_ns, from.first_end_ns, from.last_end_ns, {}});
      }
      Series& series = table->series[it->second];
      series.start_ns = std::min(series.start_ns, from.start_ns);
      series.first_end_ns = std::min(series.first_end_ns, from.first_end_ns);
      series.last_end_ns = std::max(series.last_end_ns, from.last_end_ns);
      for (uint64_t i = 0; i < more.records; ++i) {
        if ((from.records[i / 8] >> (i % 8) & 1) != 0) SetRecord(table->records + i, &series);
      }
    }
    table->records += more.records;
  }

  Status Fetch(const Part& part, const SeriesPlaces& places,
               std::vector<std::vector<Cell>>* cells) {
    const Segment& segment = part.source->segment;
    const auto& stacks = segment.ids().stacks();
    const auto fetch = [&](const Series& series, std::string_view bytes) {
      auto& into = (*cells)[places.at(KeyOf(segment, series))];
      return ForEachCell(bytes, stacks.size(), [&](StackId stack, int64_t weight) {
        into.push_back({stacks[stack], weight});
        return !__builtin_add_overflow(weight_, weight, &weight_);
      });
    };
    return segment.ForEachTotal(&part.source->file, part.target, fetch);
  }

  std::vector<OpenSegment>& segments_;
  Profile dictionary_;
  SegmentMeta meta_;
  std::map<LabelSetId, std::vector<Part>> targets_;
  std::vector<Target> tables_;
  int64_t weight_ = 0;  // of what was fetched
};

DayStem DayOfSegments(const std::vector<Stem>& segments) {
  return {DayOf(segments.front().start_ns), segments.front().number, segments.back().number};
}

bool HasTotal(const Listing& listing, const Stem& segment) {
  return std::any_of(listing.days.begin(), listing.days.end(),
                     [&](const DayStem& day) { return day.Has(segment); });
}

// Those that can be summed up, in as many runs as damaged ones between them make of it.
std::vector<std::vector<Stem>> WithoutDamaged(const std::string& dir,
                                              const std::vector<Stem>& segments,
                                              const TellLine& warn) {
  std::vector<std::vector<Stem>> runs(1);
  for (const Stem& stem : segments) {
    const Result<Segment> segment = Segment::Open(PathIn(dir, SegmentName(stem)));
    if (segment.ok()) {
      runs.back().push_back(stem);
    } else {
      warn(segment.status().message() + "; its day's total is without it");
      runs.emplace_back();
    }
  }
  return runs;
}

}  // namespace

std::vector<std::vector<Stem>> SegmentsToSumUp(const Listing& listing) {
  std::vector<std::vector<Stem>> runs;
  for (const Stem& segment : listing.segments) {
    if (HasTotal(listing, segment)) continue;
    const bool follows = !runs.empty() && runs.back().back().number + 1 == segment.number &&
                         DayOf(runs.back().back().start_ns) == DayOf(segment.start_ns) &&
                         runs.back().size() < kMaxSegmentsOfTotal;
    if (!follows) runs.emplace_back();
    runs.back().push_back(segment);
  }
  // The last segment's day may go on.
  const auto goes_on = [&](const std::vector<Stem>& run) {
    return DayOf(run.back().start_ns) == DayOf(listing.segments.back().start_ns);
  };
  runs.erase(std::remove_if(runs.begin(), runs.end(), goes_on), runs.end());
  return runs;
}

Status WriteDayTotal(const std::string& dir, const std::vector<Stem>& segments) {
  std::vector<OpenSegment> open;
  for (const Stem& stem : segments) {
    Result<Segment> segment = Segment::Open(PathIn(dir, SegmentName(stem)));
    if (!segment.ok()) return segment.status();
    Result<GdbmFile> file = segment->OpenFile();
    if (!file.ok()) return file.status();
    open.push_back({*std::move(segment), *std::move(file)});
  }
  const std::string path = PathIn(dir, DayName(DayOfSegments(segments)));
  return WriteGdbmFile(path, [&](GdbmFile* file) { return DayBuilder(&open).WriteTo(file); });
}

void AddDayTotals(const std::string& dir, const TellLine& warn) {
  const Result<Listing> listing = ListStore(dir);
  if (!listing.ok()) return warn(listing.status().message());
  bool any = false;
  for (const std::vector<Stem>& ended : SegmentsToSumUp(*listing)) {
    for (const std::vector<Stem>& run : WithoutDamaged(dir, ended, warn)) {
      if (run.empty()) continue;
      const Status status = WriteDayTotal(dir, run);
      any = any || status.ok();
      if (!status.ok()) {
        warn(PathIn(dir, DayName(DayOfSegments(run))) +
             ": the day's total is not made: " + status.message());
      }
    }
  }
  if (!any) return;
  if (const Status status = SyncDir(dir); !status.ok()) warn(status.message());
}

}  // namespace stacksampler::store
