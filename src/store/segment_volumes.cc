// SPDX-License-Identifier: MIT
//
// What a segment has of weights by intervals, and of sample times.
#include <algorithm>

#include "store/segment.h"

namespace stacksampler::store {

Status Segment::AddVolumes(VolumeSums* sums, Profile* vocabulary) {
  if (!sums->range().Meets(meta_.first_end_ns, meta_.last_end_ns)) return Status::Ok();
  return ForEachTarget(vocabulary, [&](GdbmFile* file, size_t target) {
    return AddTargetVolumes(file, target, sums);
  });
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
  return ForEachTarget(vocabulary, [&](GdbmFile* file, size_t target) {
    return AddTargetTimes(file, target, sums);
  });
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

}  // namespace stacksampler::store
