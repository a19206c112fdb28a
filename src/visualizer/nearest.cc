// SPDX-License-Identifier: MIT
#include "visualizer/nearest.h"

#include <algorithm>

#include "visualizer/timeline.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kIntervals = 1000;

bool HasWeight(const store::VolumeResult& volumes, size_t interval) {
  return std::any_of(volumes.series.begin(), volumes.series.end(), [interval](const auto& series) {
    return series.volumes[interval].weight != 0;
  });
}

struct Side {
  int64_t from_ns;
  int64_t until_ns;
  bool last;  // the last data of it, else the first
};

Result<std::optional<int64_t>> Find(MergedStore* store, const TreeQuery& query, const Side& side) {
  std::optional<int64_t> found;
  if (side.from_ns > side.until_ns) return found;
  const int64_t step_ns = StepFor(side.until_ns - side.from_ns, kIntervals);
  const auto volumes = store->Volumes({side.from_ns, side.until_ns, query.filters, step_ns});
  if (!volumes.ok()) return volumes.status();
  for (size_t i = 0; i < (*volumes)->intervals; ++i) {
    if (!HasWeight(**volumes, i)) continue;
    const int64_t begin_ns = (*volumes)->first_begin_ns + static_cast<int64_t>(i) * step_ns;
    found =
        side.last ? std::min(begin_ns + step_ns, side.until_ns) : std::max(begin_ns, side.from_ns);
    if (!side.last) break;
  }
  return found;
}

}  // namespace

Result<Nearest> FindNearest(MergedStore* store, const TreeQuery& query,
                            const store::Extent& stored) {
  const Range& range = query.range;
  const auto before =
      Find(store, query, {stored.first_ns, std::min(range.from.ns, stored.last_ns), true});
  if (!before.ok()) return before.status();
  const auto after =
      Find(store, query, {std::max(range.until.ns, stored.first_ns), stored.last_ns, false});
  if (!after.ok()) return after.status();
  return Nearest{*before, *after};
}

}  // namespace stacksampler::visualizer
