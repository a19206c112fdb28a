// SPDX-License-Identifier: MIT
//
// Purpose: the questions that sampler tests ask of a profile.
#ifndef STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_
#define STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_

#include <cstdint>
#include <functional>
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

/// Has the calling thread burn until it was sampled with `frame` in its stack, `weight` in all. A
/// virtual machine may charge a thread 100 ms of CPU time in one piece, with a single signal: tests
/// that need samples wait for samples, not for CPU time. False after kMostBurns turns.
inline constexpr int kMostBurns = 1000;
bool BurnUntilSampled(Sampler* sampler, const std::function<void(int64_t)>& burn,
                      const std::string& frame, int64_t weight = 10);

/// How many threads are followed, once there are so many or ten seconds are over: the kernel lets
/// go of a joined thread a moment later.
uint64_t SettledThreads(Sampler* sampler, uint64_t expected);

/// Has the calling thread burn until no more than a `part`th of its CPU time since the sampler's
/// start has no stack, and all but 100 ms of it is accounted for. A starved machine gives what it
/// owes late. False after kMostBurns turns.
bool BurnUntilCovered(Sampler* sampler, const std::function<void(int64_t)>& burn, int64_t part);

/// The invariant that holds after every drain.
bool NothingLost(const SamplerStats& stats);

}  // namespace stacksampler

#endif  // STACKSAMPLER_TESTS_SAMPLER_PROFILE_SUMS_H_
