// SPDX-License-Identifier: MIT
//
// Purpose: what of a profile came by signals: comparable with what the sampler counted itself.
#ifndef STACKSAMPLER_TESTS_SUPPORT_DELIVERED_WEIGHT_H_
#define STACKSAMPLER_TESTS_SUPPORT_DELIVERED_WEIGHT_H_

#include <cstdint>
#include <string>

#include "stacksampler/profile.h"

namespace stacksampler {

/// Without "[unsampled]", which is taken back where a late signal proves it wrong, and what the
/// profiler itself has used.
inline int64_t DeliveredWeight(const Profile& profile) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    const FrameId leaf = profile.stacks()[sample.stack].frame;
    const std::string& name = profile.FrameName(leaf);
    if (name != "[unsampled]" && name != "[profiler]") weight += sample.weight;
  }
  return weight;
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SUPPORT_DELIVERED_WEIGHT_H_
