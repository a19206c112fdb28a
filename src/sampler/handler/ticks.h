// SPDX-License-Identifier: MIT
//
// Purpose: the moment of a sample, read without a call. tick_clock.h turns it into time.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_
#define STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_

#include <cstdint>

#if !defined(__x86_64__)
#error "the sampler knows x86-64 only"
#endif

namespace stacksampler::sampling {

inline uint64_t ReadTicks() { return __builtin_ia32_rdtsc(); }

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_
