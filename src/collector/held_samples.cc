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

bool HeldSamples::AddTo(Profile* whole) const {
  if (!IsHoldable(*whole)) return false;
  whole->Merge(held_);
  return true;
}

int64_t HeldSamples::Hold(Profile profile) {
  held_ = std::move(profile);
  return IsHoldable(held_) ? 0 : Release();
}

int64_t HeldSamples::Release() { return std::exchange(held_, Profile()).TotalWeight(); }

}  // namespace stacksampler::collector
