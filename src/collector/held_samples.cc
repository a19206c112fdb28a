// SPDX-License-Identifier: MIT
#include "collector/held_samples.h"

#include <cstddef>
#include <utility>

namespace stacksampler::collector {
namespace {

// What a refusing store makes us hold of one source, at most: about 100 bytes a stack.
constexpr size_t kMaxHeldStacks = 200'000;

// Few enough stacks to hold, and weights so far from 2^63 that many polls may be added up.
bool IsHoldable(const Profile& profile) {
  constexpr int64_t kMaxWeight = int64_t{1} << 48;
  return profile.Validate().ok() && profile.stacks().size() <= kMaxHeldStacks &&
         profile.TotalWeight() <= kMaxWeight && profile.TotalCpuNs() <= kMaxWeight << 8;
}

}  // namespace

int64_t HeldSamples::Add(Profile profile) {
  if (!IsHoldable(profile)) return profile.TotalWeight();
  Profile both = profile;
  both.Merge(held_);
  if (IsHoldable(both)) {
    held_ = std::move(both);
    return 0;
  }
  return std::exchange(held_, std::move(profile)).TotalWeight();
}

int64_t HeldSamples::Release() { return std::exchange(held_, Profile()).TotalWeight(); }

}  // namespace stacksampler::collector
