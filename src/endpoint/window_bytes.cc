// SPDX-License-Identifier: MIT
#include "endpoint/window_bytes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "profile/pprof_within.h"
#include "profile/select.h"
#include "stacksampler/pprof.h"

namespace stacksampler::endpoint {
namespace {

constexpr char kOverflow[] = "[overflow]";

int64_t WeightUnder(const Profile& profile, const char* frame) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    const StackNode& leaf = profile.stacks()[sample.stack];
    if (leaf.parent == 0 && profile.FrameName(leaf.frame) == frame) weight += sample.weight;
  }
  return weight;
}

int64_t TimedWeight(const Profile& profile) {
  int64_t weight = 0;
  for (const TimedSample& timed : profile.timeline()) weight += timed.weight;
  return weight;
}

}  // namespace

EncodedWindow EncodeWindow(Profile profile, size_t max_bytes) {
  PprofWithin tried = EncodePprofWithin(profile, max_bytes);
  int64_t untimed_weight = 0;
  if (!tried.bytes && !profile.timeline().empty()) {
    untimed_weight = TimedWeight(profile);
    profile.ClearTimeline();
    tried = EncodePprofWithin(profile, max_bytes);
  }
  // In parts of what there is, and less each time: stacks differ in length.
  constexpr double kMargin = 0.75;
  auto keep = static_cast<double>(profile.samples().size());
  int64_t folded_weight = 0;
  while (!tried.bytes) {
    keep *= kMargin * static_cast<double>(tried.samples_written) /
            static_cast<double>(std::max<size_t>(tried.samples, 1));
    const Profile smaller = KeepHeaviest(profile, static_cast<size_t>(keep), kOverflow);
    folded_weight = WeightUnder(smaller, kOverflow) - WeightUnder(profile, kOverflow);
    // Nothing is left to fold then: one stack for each label set, which the sampler bounds.
    tried = EncodePprofWithin(smaller, keep >= 1 ? max_bytes : SIZE_MAX);
  }
  return {*std::move(tried.bytes), folded_weight, untimed_weight};
}

}  // namespace stacksampler::endpoint
