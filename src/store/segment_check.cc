// SPDX-License-Identifier: MIT
#include "store/segment_check.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/cells.h"
#include "store/segment_rows.h"
#include "store/time_cells.h"
#include "store/window_refs.h"

namespace stacksampler::store {
namespace {

// What one record has of times, by series.
struct RecordTimes {
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  int64_t bucket_ns = 0;
  std::map<size_t, std::string> cells;

  explicit RecordTimes(const TimesRow& times)
      : start_ns(times.row.start_ns), end_ns(times.row.end_ns), bucket_ns(times.bucket_ns) {
    for (const auto& [series, bytes] : times.row.runs) cells[series] = bytes;
  }
  [[nodiscard]] bool AreOf(const Row& row) const {
    return row.start_ns == start_ns && row.end_ns == end_ns && cells.size() == row.runs.size() &&
           std::all_of(row.runs.begin(), row.runs.end(),
                       [this](const auto& run) { return cells.count(run.first) != 0; });
  }
};
using TimesByRow = std::map<size_t, RecordTimes>;

// Cells in the ids of the segment; no cells at all when these are damaged.
std::string WithIds(std::string_view cells, const std::vector<StackId>& stacks) {
  std::vector<Cell> out;
  const bool good = ForEachCell(cells, stacks.size(), [&](StackId stack, int64_t weight) {
    out.push_back({stacks[stack], weight});
    return true;
  });
  std::sort(out.begin(), out.end(), [](const Cell& a, const Cell& b) { return a.stack < b.stack; });
  return good ? EncodeCells(out) : std::string();
}

// A row in a journal's form: targets, label sets and stacks are the segment's own ids.
std::string AsRecord(const Row& row, const RecordTimes* times, const Target& table,
                     const std::vector<StackId>& stacks) {
  std::string out;
  PutVarint(&out, table.labels);
  PutText(&out, "");
  PutVarint(&out, 0);
  PutVarint(&out, static_cast<uint64_t>(row.start_ns));
  PutVarint(&out, static_cast<uint64_t>(row.end_ns));
  PutVarint(&out, static_cast<uint64_t>(table.series[row.runs.front().first].period_ns));
  PutVarint(&out, row.runs.size());
  for (const auto& [series, cells] : row.runs) {
    PutVarint(&out, table.series[series].labels);
    PutText(&out, WithIds(cells, stacks));
  }
  if (times == nullptr) return out;
  PutVarint(&out, static_cast<uint64_t>(times->bucket_ns));
  for (const auto& run : row.runs) PutText(&out, times->cells.at(run.first));
  return out;
}

void Note(const Status& status, CheckedSegment* found) {
  if (status.ok()) return;
  found->problems.push_back(status.message());
  if (!IsDamage(status) && found->unread.ok()) found->unread = status;
}

bool AddWeights(std::string_view cells, size_t stack_count, int64_t* sum) {
  return ForEachCell(cells, stack_count, [&](StackId, int64_t weight) {
    return !__builtin_add_overflow(*sum, weight, sum);
  });
}

class Checker {
 public:
  Checker(std::string path, GdbmFile file, CheckedSegment* found)
      : path_(std::move(path)), file_(std::move(file)), found_(*found) {}

  void RunOfDay() {
    const Result<SegmentMeta> meta = FetchMeta(&file_, path_);
    Result<SegmentTables> tables = FetchTables(&file_, path_, &found_.dictionary);
    if (!Good(meta) || !Good(tables)) return;
    tables_ = *std::move(tables);
    int64_t weight = 0;
    bool fits = true;
    for (size_t i = 0; i < tables_.targets.size(); ++i) {
      fits = !__builtin_add_overflow(weight, CheckTargetTotal(i), &weight) && fits;
    }
    CheckTotal();
    fits = fits && weight == meta->weight && total_weight_ == meta->weight;
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
    tables_ = *std::move(tables);
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
    int64_t weight = 0;
    Result<std::vector<StackId>> stacks = FetchStacksOfRows(&file_, path_, tables_, id);
    if (Good(stacks)) stacks_ = *std::move(stacks);
    for (const int64_t slice : table.slices) {
      if (!stacks.ok()) break;
      TimesByRow times = ReadTimes(id, slice);
      size_t number = 0;
      const Status status = ForEachRowOf(&file_, path_, table, id, slice, [&](const Row& row) {
        return AddRow(row, number++, table, &times) &&
               !__builtin_add_overflow(weight, found_.log.records().back().weight, &weight);
      });
      Note(status, &found_);
      if (status.ok() && !times.empty()) LoseTimes(id, slice);
    }
    const uint64_t rows = found_.log.records().size() - before;
    if (rows > table.records) Problem("more records than its table says");
    if (rows < table.records) Problem(std::to_string(table.records - rows) + " records are lost");
    const size_t problems = found_.problems.size();
    const int64_t total = CheckTargetTotal(id);
    if (rows == table.records && total != weight && problems == found_.problems.size()) {
      Problem(TargetTotalKey(id) + " is not the sum of its rows");
    }
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

  // The weight in it, as far as it can be read.
  int64_t CheckTargetTotal(size_t id) {
    const std::string key = TargetTotalKey(id);
    const Result<std::string> block = FetchBlock(&file_, path_, key);
    int64_t weight = 0;
    if (!Good(block)) return weight;
    ByteReader in(*block);
    for (size_t left = tables_.targets[id].series.size(); left > 0; --left) {
      if (!AddWeights(in.Text(), stack_count(), &weight)) in.Fail();
    }
    if (!in.done()) Problem(key + " is not understood");
    return weight;
  }

  void CheckTotal() {
    const std::string key(kTotalKey);
    const Result<std::string> block = FetchBlock(&file_, path_, key);
    if (!Good(block)) return;
    ByteReader in(*block);
    for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
      in.Int63();
      if (!AddWeights(in.Text(), stack_count(), &total_weight_)) in.Fail();
    }
    if (!in.done()) Problem(key + " is not understood");
  }

  void CheckSums(const SegmentMeta& meta) {
    int64_t weight = 0;
    int64_t cpu_ns = 0;
    for (const StoredRecord& record : found_.log.records()) {
      weight += record.weight;
      cpu_ns += record.cpu_ns;
    }
    if (meta.records != found_.log.records().size() || meta.weight != weight ||
        meta.cpu_ns != cpu_ns || total_weight_ != weight) {
      Problem("its sums do not fit its records");
    }
  }

  const std::string path_;
  GdbmFile file_;
  CheckedSegment& found_;
  SegmentTables tables_;
  std::vector<StackId> stacks_;  // what those in the rows of the target in question mean
  int64_t total_weight_ = 0;
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
