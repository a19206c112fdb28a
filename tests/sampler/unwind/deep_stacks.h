// SPDX-License-Identifier: MIT
//
// Purpose: stacks of every shape that compilers make: register saves of many sizes, alloca,
//   realigned frames, std::function, a callback through libc, a signal on top of a signal.
#ifndef STACKSAMPLER_TESTS_SAMPLER_UNWIND_DEEP_STACKS_H_
#define STACKSAMPLER_TESTS_SAMPLER_UNWIND_DEEP_STACKS_H_

#include <functional>

namespace stacksampler::unwind {

/// Calls `leaf` once, some thirty frames down; `seed` chooses their order.
void CallThroughDeepStack(unsigned seed, const std::function<void()>& leaf);

/// Calls `leaf` with at least `depth` frames above it.
void CallThroughRecursion(int depth, const std::function<void()>& leaf);

/// Calls `leaf` inside a signal handler, itself inside a signal handler.
void CallThroughSignals(const std::function<void()>& leaf);

/// A few hundred instructions of all of these, with library calls, prologues and epilogues.
int Churn(unsigned seed);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_TESTS_SAMPLER_UNWIND_DEEP_STACKS_H_
