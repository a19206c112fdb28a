// SPDX-License-Identifier: MIT
#include "store/segment_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "store/row_record.h"
#include "store/segment_rows.h"
#include "store/sum_check.h"
#include "store/window_refs.h"

namespace stacksampler::store {
namespace {

using TimesByRow = std::map<size_t, RecordTimes>;  // by the numbers of rows

void Note(const Status& status, CheckedSegment* found) {
  if (status.ok()) return;
  found->problems.push_back(status.message());
  if (!IsDamage(status) && found->unread.ok()) found->unread = status;
}

class Checker {
 public:
  Checker(std::string path, GdbmFile file, CheckedSegment* found)
      : path_(std::move(path)), file_(std::move(file)), found_(*found) {}

  void RunOfDay() {
    const Result<SegmentMeta> meta = FetchMeta(&file_, path_);
    Result<SegmentTables> tables = FetchTables(&file_, path_, &found_.dictionary);
    if (!Good(meta) || !Good(tables)) return;
    Begin(*std::move(tables));
    for (size_t i = 0; i < tables_.targets.size(); ++i) {
      sums_->BeginTarget(tables_.targets[i]);
      CheckTargetTotal(i);
    }
    CheckTotal();
    const bool fits =
        sums_->weight_of_targets() == meta->weight && sums_->weight_of_file() == meta->weight;
    if (found_.problems.empty() && !fits) Problem("its sums do not fit each other");
  }

  void Run() {
    const Result<SegmentMeta> meta = FetchMeta(&file_, path_);
    if (Good(meta)) {
      found_.records = meta->records;
      found_.first_end_ns = meta->first_end_ns;
      found_.last_end_ns = meta->last_end_ns;
    }
    CheckRefs();
    Result<SegmentTables> tables = FetchTables(&file_, path_, &found_.dictionary);
    if (!Good(tables)) return;
    if (!tables->ids.IsIdentity()) return Problem("its dictionary repeats itself");
    Begin(*std::move(tables));
    uint64_t records = 0;
    for (size_t i = 0; i < tables_.targets.size(); ++i) {
      records += tables_.targets[i].records;
      CheckTarget(i);
    }
    found_.records = records;
    CheckTotal();
    if (found_.problems.empty()) CheckSums(*meta);
  }

 private:
  template <typename T>
  bool Good(const Result<T>& result) {
    Note(result.status(), &found_);
    return result.ok();
  }
  void Problem(const std::string& what) { found_.problems.push_back(path_ + ": " + what); }
  [[nodiscard]] size_t stack_count() const { return tables_.ids.stacks().size(); }

  void Begin(SegmentTables tables) {
    tables_ = std::move(tables);
    sums_.emplace(stack_count());
  }

  void CheckRefs() {
    const std::string key(kRefsKey);
    const Result<std::string> refs = FetchBlock(&file_, path_, key);
    if (!Good(refs)) return;
    WindowRefs decoded;
    ByteReader in(*refs);
    decoded.Decode(&in);
    if (!in.ok()) return Problem(key + " is not understood");
    found_.refs = *refs;
  }

  void CheckTarget(size_t id) {
    const Target& table = tables_.targets[id];
    const size_t before = found_.log.records().size();
    sums_->BeginTarget(table);
    Result<std::vector<StackId>> stacks = FetchStacksOfRows(&file_, path_, tables_, id);
    if (Good(stacks)) {
      stacks_ = *std::move(stacks);
      for (const int64_t slice : table.slices) CheckSlice(id, slice);
    }
    const uint64_t rows = found_.log.records().size() - before;
    if (rows > table.records) Problem("more records than its table says");
    if (rows < table.records) Problem(std::to_string(table.records - rows) + " records are lost");
    const size_t problems = found_.problems.size();
    CheckTargetTotal(id);
    if (rows == table.records && !sums_->fits_rows() && problems == found_.problems.size()) {
      Problem(TargetTotalKey(id) + " is not the sum of its rows");
    }
  }

  void CheckSlice(size_t id, int64_t slice) {
    const Target& table = tables_.targets[id];
    TimesByRow times = ReadTimes(id, slice);
    size_t number = 0;
    const Status status = ForEachRowOf(&file_, path_, table, id, slice, [&](const Row& row) {
      return AddRow(row, number++, table, &times) && sums_->AddRow(row, stacks_);
    });
    Note(status, &found_);
    if (status.ok() && !times.empty()) LoseTimes(id, slice);
  }

  // Those of a damaged block are lost, their records are not.
  TimesByRow ReadTimes(size_t id, int64_t slice) {
    TimesByRow times;
    const Target& table = tables_.targets[id];
    const auto& slices = table.timed_slices;
    if (!std::binary_search(slices.begin(), slices.end(), slice)) return times;
    const auto keep = [&](const TimesRow& row) {
      times.emplace(row.number, RecordTimes(row));
      return true;
    };
    const Status status = ForEachTimesRowOf(&file_, path_, table, id, slice, keep);
    Note(status, &found_);
    found_.lost_times = found_.lost_times || !status.ok();
    return times;
  }

  // Takes the row's times out of `times`.
  bool AddRow(const Row& row, size_t number, const Target& table, TimesByRow* times) {
    if (row.runs.empty()) return false;
    const auto own = times->extract(number);
    if (own.empty()) return AddRecord(AsRecord(row, nullptr, table, stacks_));
    const bool is_good =
        own.mapped().AreOf(row) && AddRecord(AsRecord(row, &own.mapped(), table, stacks_));
    if (is_good) return true;
    LoseTimes(Number(table), row.end_ns / kSliceNs);
    return AddRecord(AsRecord(row, nullptr, table, stacks_));
  }
  void LoseTimes(size_t id, int64_t slice) {
    Problem(TimesKey(id, slice) + " does not fit its records");
    found_.lost_times = true;
  }
  [[nodiscard]] size_t Number(const Target& table) const {
    return static_cast<size_t>(&table - tables_.targets.data());
  }

  bool AddRecord(const std::string& record) {
    ByteReader in(record);
    found_.log.Add(&in, stack_count(), tables_.ids.label_sets().size());
    return in.ok();
  }

  void CheckTargetTotal(size_t id) {
    const std::string key = TargetTotalKey(id);
    const Result<std::string> block = FetchBlock(&file_, path_, key);
    if (!Good(block)) return;
    ByteReader in(*block);
    const std::vector<Series>& series = tables_.targets[id].series;
    for (size_t i = 0; i < series.size(); ++i) {
      if (!sums_->AddTargetSum(i, series[i].period_ns, in.Text())) in.Fail();
    }
    if (!in.done()) Problem(key + " is not understood");
  }

  void CheckTotal() {
    const std::string key(kTotalKey);
    const Result<std::string> block = FetchBlock(&file_, path_, key);
    if (!Good(block)) return;
    ByteReader in(*block);
    for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
      const int64_t period_ns = in.Int63();
      if (!sums_->AddFileSum(period_ns, in.Text())) in.Fail();
    }
    if (!in.done()) return Problem(key + " is not understood");
    if (found_.problems.empty() && !sums_->FitsTargets()) {
      Problem(key + " is not the sum of its targets");
    }
  }

  void CheckSums(const SegmentMeta& meta) {
    int64_t weight = 0;
    int64_t cpu_ns = 0;
    bool fits = meta.records == found_.log.records().size();
    for (const StoredRecord& record : found_.log.records()) {
      fits = fits && !__builtin_add_overflow(weight, record.weight, &weight) &&
             !__builtin_add_overflow(cpu_ns, record.cpu_ns, &cpu_ns);
    }
    if (!fits || meta.weight != weight || meta.cpu_ns != cpu_ns) {
      Problem("its sums do not fit its records");
    }
  }

  const std::string path_;
  GdbmFile file_;
  CheckedSegment& found_;
  SegmentTables tables_;
  std::optional<SumCheck> sums_;  // once the tables are read
  std::vector<StackId> stacks_;   // what those in the rows of the target in question mean
};

}  // namespace

Result<CheckedSegment> CheckSegment(const std::string& path) {
  CheckedSegment found;
  Result<GdbmFile> file = GdbmFile::Open(path);
  if (!file.ok() && file.status().code() == StatusCode::kNotFound) return file.status();
  if (file.ok()) {
    Checker(path, *std::move(file), &found).Run();
  } else {
    Note(file.status(), &found);
  }
  found.records = std::max<uint64_t>(found.records, found.log.records().size());
  return found;
}

Result<CheckedSegment> CheckDay(const std::string& path) {
  CheckedSegment found;
  Result<GdbmFile> file = GdbmFile::Open(path);
  if (!file.ok() && file.status().code() == StatusCode::kNotFound) return file.status();
  if (file.ok()) {
    Checker(path, *std::move(file), &found).RunOfDay();
  } else {
    Note(file.status(), &found);
  }
  return found;
}

}  // namespace stacksampler::store
