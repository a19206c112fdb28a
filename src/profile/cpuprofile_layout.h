// SPDX-License-Identifier: MIT
//
// Purpose: puts samples on the one axis that a .cpuprofile has, so that each lasts as long as it
//   weighs, and the lengths add up to the CPU time of all, to the microsecond.
//   kTime: a sample ends at its moment, or, so that slices of idle time are not cut between all of
//     them, up to half its length before; where nothing ran before it, the stretch is idle.
//   kCpuTime: threads ran at the same time, so that one axis of time cannot hold them: each sample
//     lasts as long as its own CPU time, in the order of the moments.
//   kWeights: there are no moments: stacks side by side, the heaviest first.
//   What has no moment in a profile that has others stands behind them, side by side.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_CPUPROFILE_LAYOUT_H_
#define STACKSAMPLER_PROFILE_CPUPROFILE_LAYOUT_H_

#include <cstdint>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler {

/// The stack tree with what each node, and it with everything below it, weighs.
struct WeighedTree {
  explicit WeighedTree(const Profile& profile);

  std::vector<int64_t> self;
  std::vector<int64_t> total;
  std::vector<std::vector<StackId>> children;
  std::vector<bool> used;  // it or something below it has a sample
};

/// `stack` is what runs from `time_ns` until the next entry's time.
struct CpuProfileMoment {
  int64_t time_ns = 0;
  StackId stack = 0;
  bool idle = false;
};

struct CpuProfileLayout {
  enum class Axis { kTime, kCpuTime, kWeights };

  Axis axis = Axis::kTime;
  std::vector<CpuProfileMoment> moments;  // the last one is the end of all, on the empty stack
  bool has_idle = false;
  int64_t weight_without_moment = 0;
};

/// REQUIRES: `tree` is of `profile`.
CpuProfileLayout LayOutCpuProfile(const Profile& profile, const WeighedTree& tree);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CPUPROFILE_LAYOUT_H_
