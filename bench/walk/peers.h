// SPDX-License-Identifier: MIT
//
// Purpose: the walks of libraries that other profilers use. Each returns how many frames it found.
// Thread safety: one thread.
// Signal safety: as their authors say: see docs/sampler.md.
#ifndef STACKSAMPLER_BENCH_WALK_PEERS_H_
#define STACKSAMPLER_BENCH_WALK_PEERS_H_

#include <ucontext.h>

#include <cstddef>

namespace stacksampler::bench {

/// libunwind, step by step from an interrupted context, as gperftools does.
size_t WalkByUnwStep(const ucontext_t& context);

// These walk from here, not from an interrupted context.
size_t WalkByUnwBacktrace();
size_t WalkByLibgcc();
size_t WalkByGlibc();

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_WALK_PEERS_H_
