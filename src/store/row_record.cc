// SPDX-License-Identifier: MIT
#include "store/row_record.h"

#include <algorithm>

#include "store/cells.h"

namespace stacksampler::store {
namespace {

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

}  // namespace

RecordTimes::RecordTimes(const TimesRow& times)
    : start_ns(times.row.start_ns), end_ns(times.row.end_ns), bucket_ns(times.bucket_ns) {
  for (const auto& [series, bytes] : times.row.runs) cells[series] = bytes;
}

bool RecordTimes::AreOf(const Row& row) const {
  return row.start_ns == start_ns && row.end_ns == end_ns && cells.size() == row.runs.size() &&
         std::all_of(row.runs.begin(), row.runs.end(),
                     [this](const auto& run) { return cells.count(run.first) != 0; });
}

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

}  // namespace stacksampler::store
