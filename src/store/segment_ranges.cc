// SPDX-License-Identifier: MIT
//
// What of a segment lies in a range: which of its records, and of which series.
#include <algorithm>
#include <iterator>
#include <utility>

#include "store/segment.h"

namespace stacksampler::store {

// All ends in the slice of a moment, ascending. REQUIRES: a moment within the segment.
Result<const std::vector<int64_t>*> Segment::EndsAround(int64_t ns, Profile* vocabulary) {
  const int64_t slice = ns / kSliceNs;
  if (const auto known = ends_.find(slice); known != ends_.end()) return &known->second;
  Result<GdbmFile> file = OpenFile();
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

Status Segment::CollectSeries(const Range& range, Profile* vocabulary,
                              std::set<LabelSetId>* found) {
  if (!range.Meets(meta_.first_end_ns, meta_.last_end_ns)) return Status::Ok();
  return ForEachTarget(vocabulary, [&](GdbmFile* file, size_t target) {
    return CollectTarget(file, target, range, found);
  });
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

}  // namespace stacksampler::store
