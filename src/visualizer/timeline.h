// SPDX-License-Identifier: MIT
//
// Purpose: how much CPU time was spent when: per interval, stacked by a label.
// Shapes: intervals are aligned to the epoch and as long as a clock likes it (5 s, 1 min, 3 h); a
//   window counts where it ends. Where windows are longer than the intervals asked for, intervals
//   grow with them: else most would be empty and the rest too high. An edit that leaves stacks out
//   leaves them out here, too: then each interval is merged by itself, and there are fewer.
// Thread safety: free functions.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_TIMELINE_H_
#define STACKSAMPLER_VISUALIZER_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "store/profile_store.h"
#include "visualizer/merged_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// More groups are summed: nobody tells more colours apart.
inline constexpr size_t kMostTimelineGroups = 7;

/// The shortest step that gives at most `intervals` of them over the range.
int64_t StepFor(int64_t range_ns, int64_t intervals);

/// Of all that was sampled, whatever the edit says.
Result<std::shared_ptr<const store::VolumeResult>> ReadVolumes(MergedStore* store,
                                                               const TimelineQuery& query,
                                                               int64_t* step_ns);

/// Each interval as a question of its own. A window that ends on a boundary is the earlier
/// interval's, as in StoreReader::Volumes().
std::vector<store::Query> IntervalQueries(const TreeQuery& query,
                                          const store::VolumeResult& volumes, int64_t step_ns);

/// Of what the edit leaves.
Result<std::shared_ptr<const store::VolumeResult>> ReadTimeline(MergedStore* store,
                                                                TimelineQuery query,
                                                                int64_t* step_ns);

struct TimelineGroups {
  std::vector<std::string> names;            // by name; "all" without a grouping
  std::vector<std::vector<int64_t>> values;  // one row per name
  size_t rest = 0;                           // groups that are not named
  std::vector<int64_t> rest_values;
};
/// The heaviest kMostTimelineGroups, and the sum of all others.
TimelineGroups GroupVolumes(const store::VolumeResult& volumes, const std::string& by);

std::string TimelineJson(const TimelineQuery& query, const store::VolumeResult& volumes,
                         int64_t step_ns);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_TIMELINE_H_
