// SPDX-License-Identifier: MIT
#include "store/segment_writer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "store/cells.h"
#include "store/checksum.h"
#include "store/dictionary.h"
#include "store/gdbm_file.h"
#include "store/segment_layout.h"
#include "store/time_cells.h"

namespace stacksampler::store {
namespace {

using SeriesKey = std::pair<LabelSetId, int64_t>;  // label set, period

// One target's records in order, and where its series stand in the table.
struct TargetRecords {
  Target table;
  std::vector<const StoredRecord*> records;
  std::map<SeriesKey, size_t> series;
};

// The blocks of one target's slice.
struct SliceBlocks {
  std::string rows;
  std::string times;
  uint64_t untimed = 0;  // records since the last one with times
};

// A window's dictionary, numbered anew for its segment: stacks that have samples come last, those
// of most records first. Their ids then differ by little, which is most of what cells consist of.
class DenseDictionary {
 public:
  DenseDictionary(const Profile& from, const RecordLog& log) : ids_(from.stacks().size()) {
    for (const Labels& labels : from.label_sets()) profile_.InternLabels(labels);
    const std::vector<uint32_t> uses = Uses(from, log);
    std::vector<StackId> order(ids_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](StackId a, StackId b) {
      if (uses[a] == 0 || uses[b] == 0) return uses[a] < uses[b];
      return uses[a] > uses[b];
    });
    StackCopier copier(from, &profile_);
    for (const StackId stack : order) ids_[stack] = copier.Copy(stack);
  }

  [[nodiscard]] const Profile& profile() const { return profile_; }
  /// Cells of the window in the ids of the segment, and no longer in their order.
  [[nodiscard]] std::vector<Cell> Translate(std::string_view cells) const {
    std::vector<Cell> out;
    ForEachCell(cells, ids_.size(), [&](StackId stack, int64_t weight) {
      out.push_back({ids_[stack], weight});
      return true;
    });
    return out;
  }
  [[nodiscard]] std::vector<TimeCell> TranslateTimes(std::string_view cells) const {
    std::vector<TimeCell> out;
    ForEachTimeCell(cells, ids_.size(), INT64_MAX,
                    [&](StackId stack, int64_t bucket, int64_t weight) {
                      out.push_back({ids_[stack], bucket, weight});
                      return true;
                    });
    SortAndCoalesce(&out);
    return out;
  }

 private:
  // Cells of each stack, 0 for those that come first. A stack stays behind its parent: what is
  // below one with samples comes last as well, and one with samples before all that is below it.
  static std::vector<uint32_t> Uses(const Profile& from, const RecordLog& log) {
    std::vector<uint32_t> uses = Cells(log, from.stacks().size());
    const std::vector<StackNode>& stacks = from.stacks();
    for (StackId stack = 1; stack < uses.size(); ++stack) {
      if (uses[stacks[stack].parent] != 0) uses[stack] = std::max(uses[stack], 1U);
    }
    for (size_t stack = uses.size(); stack-- > 1;) {
      uint32_t& parent = uses[stacks[stack].parent];
      if (parent != 0) parent = std::max(parent, uses[stack]);
    }
    return uses;
  }

  static std::vector<uint32_t> Cells(const RecordLog& log, size_t stack_count) {
    std::vector<uint32_t> cells(stack_count);
    for (const StoredRecord& record : log.records()) {
      for (const Run& run : record.runs) {
        ForEachCell(log.Cells(run), stack_count, [&](StackId stack, int64_t) {
          if (stack != 0) ++cells[stack];  // the empty stack is 0 in every dictionary
          return true;
        });
      }
    }
    return cells;
  }

  Profile profile_;
  std::vector<StackId> ids_;  // by the window's ids
};

class SegmentBuilder {
 public:
  SegmentBuilder(const Profile& dictionary, const RecordLog& log)
      : dictionary_(dictionary, log), log_(log), totals_(dictionary_.profile().stacks().size()) {
    for (const StoredRecord& record : log.records()) Add(record);
  }

  Status WriteTo(GdbmFile* file, std::string_view refs) {
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (Status status = WriteRows(i, file); !status.ok()) return status;
      if (Status status = WriteTargetTotal(i, file); !status.ok()) return status;
    }
    std::vector<Target> tables;
    for (TargetRecords& target : targets_) tables.push_back(std::move(target.table));
    if (Status status = PutBlock(kRefsKey, refs, file); !status.ok()) return status;
    return PutHead(dictionary_.profile(), tables, totals_.Take(), meta_, file);
  }

 private:
  void Add(const StoredRecord& record) {
    const auto [it, is_new] = target_ids_.try_emplace(record.target, targets_.size());
    if (is_new) targets_.emplace_back();
    TargetRecords& target = targets_[it->second];
    target.table.labels = record.target;
    for (const Run& run : record.runs) AddSeries(record, run, &target);
    target.records.push_back(&record);
    target.table.records = target.records.size();

    const bool first = meta_.records == 0;
    meta_.start_ns = first ? record.start_ns : std::min(meta_.start_ns, record.start_ns);
    meta_.first_end_ns = first ? record.end_ns : std::min(meta_.first_end_ns, record.end_ns);
    meta_.last_end_ns = std::max(meta_.last_end_ns, record.end_ns);
    meta_.records += 1;
    meta_.weight += record.weight;
    meta_.cpu_ns += record.cpu_ns;
  }

  static void AddSeries(const StoredRecord& record, const Run& run, TargetRecords* target) {
    const auto [it, is_new] =
        target->series.try_emplace({run.labels, record.period_ns}, target->table.series.size());
    if (is_new) {
      target->table.series.push_back(
          {run.labels, record.period_ns, record.start_ns, record.end_ns, record.end_ns, {}});
    }
    Series& series = target->table.series[it->second];
    series.start_ns = std::min(series.start_ns, record.start_ns);
    series.first_end_ns = std::min(series.first_end_ns, record.end_ns);
    series.last_end_ns = std::max(series.last_end_ns, record.end_ns);
    SetRecord(target->records.size(), &series);
  }

  Status WriteRows(size_t id, GdbmFile* file) {
    TargetRecords& target = targets_[id];
    std::map<int64_t, SliceBlocks> slices;
    for (const StoredRecord* record : target.records) {
      PutRecord(*record, &target, &slices[record->end_ns / kSliceNs]);
    }
    for (const auto& [slice, blocks] : slices) {
      target.table.slices.push_back(slice);
      Status status = PutBlock(RowsKey(id, slice), blocks.rows, file);
      if (status.ok() && !blocks.times.empty()) {
        target.table.timed_slices.push_back(slice);
        status = PutBlock(TimesKey(id, slice), blocks.times, file);
      }
      if (!status.ok()) return status;
    }
    for (Series& series : target.table.series) {
      series.records.resize(BitmapBytes(target.table.records));
    }
    return Status::Ok();
  }

  void PutRecord(const StoredRecord& record, TargetRecords* target, SliceBlocks* blocks) const {
    PutRow(record, *target, &blocks->rows,
           [this](const Run& run) { return EncodeCells(SortedCells(run)); });
    ++blocks->untimed;
    if (record.bucket_ns == 0) return;
    PutVarint(&blocks->times, std::exchange(blocks->untimed, 0) - 1);
    PutVarint(&blocks->times, static_cast<uint64_t>(record.bucket_ns));
    PutRow(record, *target, &blocks->times, [this](const Run& run) {
      return EncodeTimeCells(dictionary_.TranslateTimes(log_.TimeCells(run)));
    });
    target->table.longest_timed_ns =
        std::max(target->table.longest_timed_ns, record.end_ns - record.start_ns);
  }

  [[nodiscard]] std::vector<Cell> SortedCells(const Run& run) const {
    std::vector<Cell> cells = dictionary_.Translate(log_.Cells(run));
    std::sort(cells.begin(), cells.end(),
              [](const Cell& a, const Cell& b) { return a.stack < b.stack; });
    return cells;
  }

  template <typename BytesOf>
  static void PutRow(const StoredRecord& record, const TargetRecords& target, std::string* out,
                     BytesOf bytes_of) {
    PutVarint(out, static_cast<uint64_t>(record.end_ns % kSliceNs));
    PutVarint(out, static_cast<uint64_t>(record.end_ns - record.start_ns));
    PutVarint(out, record.runs.size());
    for (const Run& run : record.runs) {
      PutVarint(out, target.series.at({run.labels, record.period_ns}));
      PutText(out, bytes_of(run));
    }
  }

  // Sums series by series: one dense array serves them all, however many there are.
  Status WriteTargetTotal(size_t id, GdbmFile* file) {
    const TargetRecords& target = targets_[id];
    std::vector<std::vector<const Run*>> runs(target.table.series.size());
    for (const StoredRecord* record : target.records) {
      for (const Run& run : record->runs) {
        runs[target.series.at({run.labels, record->period_ns})].push_back(&run);
      }
    }
    CellSums sums(dictionary_.profile().stacks().size());
    std::string out;
    for (size_t i = 0; i < runs.size(); ++i) {
      for (const Run* run : runs[i]) {
        for (const Cell& cell : dictionary_.Translate(log_.Cells(*run))) {
          sums.Add(cell.stack, cell.weight);
        }
      }
      const std::vector<Cell> cells = sums.Take();
      PutText(&out, EncodeCells(cells));
      totals_.Add(target.table.series[i].period_ns, cells);
    }
    return PutBlock(TargetTotalKey(id), out, file);
  }

  const DenseDictionary dictionary_;
  const RecordLog& log_;
  SegmentMeta meta_;
  std::map<LabelSetId, size_t> target_ids_;
  std::vector<TargetRecords> targets_;
  PeriodSums totals_;
};

}  // namespace

Status PutBlock(std::string_view key, std::string_view payload, GdbmFile* file) {
  return file->Put(key, PackBlock(key, payload));
}

Status PutHead(const Profile& dictionary, const std::vector<Target>& targets,
               std::string_view total, const SegmentMeta& meta, GdbmFile* file) {
  std::string words;
  EncodeDictionary(dictionary, {}, &words);
  if (Status status = PutBlock(kDictionaryKey, words, file); !status.ok()) return status;
  if (Status status = PutBlock(kTargetsKey, EncodeTargets(targets), file); !status.ok()) {
    return status;
  }
  if (Status status = PutBlock(kTotalKey, total, file); !status.ok()) return status;
  return file->Put(kMetaKey, FormatMeta(meta));
}

void SetRecord(uint64_t number, Series* series) {
  if (series->records.size() <= number / 8) series->records.resize(number / 8 + 1);
  series->records[number / 8] |= static_cast<char>(1 << (number % 8));
}

Status WriteSegment(const std::string& dir, const Stem& stem, const Profile& dictionary,
                    const RecordLog& log, std::string_view refs) {
  return WriteGdbmFile(PathIn(dir, SegmentName(stem)), [&](GdbmFile* file) {
    return SegmentBuilder(dictionary, log).WriteTo(file, refs);
  });
}

}  // namespace stacksampler::store
