// SPDX-License-Identifier: MIT
//
// Purpose: the moment of a sample, read without a call. tick_clock.h turns it into time, and measures
//   the rate by which the handler turns its own duration into nanoseconds.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_
#define STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_

#include <atomic>
#include <cstdint>

#include "sampler/unwind/arch.h"

namespace stacksampler::sampling {

using unwind::arch::ReadTicks;

/// Nanoseconds a tick, times 2^32; 0 before it was measured.
extern std::atomic<uint64_t> tick_ns_q32;
static_assert(std::atomic<uint64_t>::is_always_lock_free);

inline uint64_t TicksToNs(uint64_t ticks) {
  using Wide = unsigned __int128;
  return static_cast<uint64_t>(Wide{ticks} * tick_ns_q32.load(std::memory_order_relaxed) >> 32);
}

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_HANDLER_TICKS_H_
