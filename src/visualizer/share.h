// SPDX-License-Identifier: MIT
//
// Purpose: how much of the CPU time one function took when: its own line over the timeline.
// Shapes: intervals as the timeline has them, but fewer: each is merged by itself. A stack
//   counts once, however often the function recurs in it.
// Thread safety: free functions.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_SHARE_H_
#define STACKSAMPLER_VISUALIZER_SHARE_H_

#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "visualizer/merged_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// By stack: whether such a frame is in it.
std::vector<bool> StacksThrough(const Profile& profile, const std::string& function);

/// The answer of /api/v1/share.
Result<std::string> ShareJson(MergedStore* store, const ShareQuery& query);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_SHARE_H_
