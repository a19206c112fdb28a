// SPDX-License-Identifier: MIT
//
// Purpose: the questions that sampler tests ask of a profile.
#ifndef STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_
#define STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_

#include <cstdint>
#include <map>
#include <string>

#include "stacksampler/profile.h"
#include "stacksampler/sampler.h"

namespace stacksampler {

/// "thread;root;...;leaf" -> weight.
std::map<std::string, int64_t> FoldedWeights(const Profile& profile);
/// Samples of the thread ("" = of all) that hold the frame ("" = any).
int64_t WeightOf(const Profile& profile, const std::string& thread, const std::string& frame);
/// The function whose code ran most in the thread, markers aside.
std::string HottestLeaf(const Profile& profile, const std::string& thread);
/// The function whose code ran; inlined ones belong to it.
std::string LeafName(const Profile& profile, StackId stack);

/// The invariant that holds after every drain.
bool NothingLost(const SamplerStats& stats);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_
