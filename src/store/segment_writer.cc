// SPDX-License-Identifier: MIT
#include "store/segment_writer.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "store/cells.h"
#include "store/checksum.h"
#include "store/dense_dictionary.h"
#include "store/dictionary.h"
#include "store/gdbm_file.h"
#include "store/segment_layout.h"
#include "store/target_order.h"
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

class SegmentBuilder {
 public:
  SegmentBuilder(const Profile& dictionary, const RecordLog& log)
      : dictionary_(dictionary, log), log_(log), totals_(stack_count()), numbers_(stack_count()) {
    meta_.version = kOrderedVersion;
    for (const StoredRecord& record : log.records()) Add(record);
  }

  Status WriteTo(GdbmFile* file, std::string_view refs) {
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (Status status = WriteTargetTotal(i, file); !status.ok()) return status;
      if (Status status = WriteRows(i, file); !status.ok()) return status;
    }
    std::vector<Target> tables;
    for (TargetRecords& target : targets_) tables.push_back(std::move(target.table));
    if (Status status = PutBlock(kRefsKey, refs, file); !status.ok()) return status;
    return PutHead(dictionary_.profile(), tables, totals_.Take(), meta_, file);
  }

 private:
  [[nodiscard]] size_t stack_count() const { return dictionary_.profile().stacks().size(); }

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
           [this](const Run& run) { return EncodeCells(NumberedCells(run)); });
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

  // In the target's order, which knows none without weight.
  [[nodiscard]] std::vector<Cell> NumberedCells(const Run& run) const {
    std::vector<Cell> cells;
    for (const Cell& cell : dictionary_.Translate(log_.Cells(run))) {
      if (cell.weight != 0) cells.push_back({numbers_[cell.stack], cell.weight});
    }
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

  // Sums series by series: one dense array serves them all, however many there are. The rows are
  // numbered by these sums.
  Status WriteTargetTotal(size_t id, GdbmFile* file) {
    const TargetRecords& target = targets_[id];
    std::vector<std::vector<const Run*>> runs(target.table.series.size());
    for (const StoredRecord* record : target.records) {
      for (const Run& run : record->runs) {
        runs[target.series.at({run.labels, record->period_ns})].push_back(&run);
      }
    }
    CellSums sums(stack_count());
    CellSums all(stack_count());
    std::string out;
    for (size_t i = 0; i < runs.size(); ++i) {
      for (const Run* run : runs[i]) {
        for (const Cell& cell : dictionary_.Translate(log_.Cells(*run))) {
          sums.Add(cell.stack, cell.weight);
        }
      }
      const std::vector<Cell> cells = sums.Take();
      PutText(&out, EncodeCells(cells));
      for (const Cell& cell : cells) all.Add(cell.stack, cell.weight);
      totals_.Add(target.table.series[i].period_ns, cells);
    }
    NumberStacks(OrderOf(all.Take()));
    return PutBlock(TargetTotalKey(id), out, file);
  }

  void NumberStacks(const TargetOrder& order) {
    for (size_t i = 0; i < order.size(); ++i) numbers_[order[i]] = static_cast<StackId>(i);
  }

  const DenseDictionary dictionary_;
  const RecordLog& log_;
  SegmentMeta meta_;
  std::map<LabelSetId, size_t> target_ids_;
  std::vector<TargetRecords> targets_;
  PeriodSums totals_;
  std::vector<StackId> numbers_;  // of stacks in the rows of the target that is written
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
  const std::string_view key = meta.version < kOrderedVersion ? kTargetsKey : kOrderedTargetsKey;
  if (Status status = PutBlock(key, EncodeTargets(targets), file); !status.ok()) {
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
