// SPDX-License-Identifier: MIT
//
// Purpose: the one stack on which walks are compared: 31 frames, through templates that save
//   registers, alloca, realigned frames, std::function and a callback of libc's qsort.
// Thread safety: one thread.
#ifndef STACKSAMPLER_BENCH_WALK_BENCH_STACK_H_
#define STACKSAMPLER_BENCH_WALK_BENCH_STACK_H_

#include <ucontext.h>

#include <functional>

#include "our_handler.h"

namespace stacksampler::bench {

inline constexpr size_t kBenchFrames = 31;

/// Calls `leaf` on that stack, with the context from which there are that many frames. Ends the
/// program when it cannot make such a stack.
void CallOnBenchStack(OurHandler* ours, const std::function<void(const ucontext_t&)>& leaf);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_WALK_BENCH_STACK_H_
