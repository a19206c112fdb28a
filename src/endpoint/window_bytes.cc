// SPDX-License-Identifier: MIT
#include "endpoint/window_bytes.h"

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

}  // namespace

EncodedWindow EncodeWindow(const Profile& profile, size_t max_bytes) {
  EncodedWindow window{EncodePprof(profile)};
  // In parts of what there is, and less each time: stacks differ in length.
  constexpr double kMargin = 0.75;
  auto keep = static_cast<double>(profile.samples().size());
  while (window.bytes.size() > max_bytes && keep >= 1) {
    keep *= kMargin * static_cast<double>(max_bytes) / static_cast<double>(window.bytes.size());
    const Profile smaller = KeepHeaviest(profile, static_cast<size_t>(keep), kOverflow);
    window.bytes = EncodePprof(smaller);
    window.folded_weight = WeightUnder(smaller, kOverflow) - WeightUnder(profile, kOverflow);
  }
  return window;
}

}  // namespace stacksampler::endpoint
