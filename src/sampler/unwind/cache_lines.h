// SPDX-License-Identifier: MIT
//
// Purpose: asks for memory some time before it is needed. A handler finds next to nothing of its own
//   in the processor's caches: what it waits for one line after the other is nearly all that it
//   costs.
// Signal safety: async-signal-safe; any address will do, for a prefetch cannot fault.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_CACHE_LINES_H_
#define STACKSAMPLER_SAMPLER_UNWIND_CACHE_LINES_H_

#include <cstddef>

namespace stacksampler::unwind {

inline constexpr size_t kCacheLine = 64;

template <size_t kLines>
[[gnu::always_inline]] inline void AskForLines(const void* first) {
  for (size_t i = 0; i < kLines; ++i) {
    __builtin_prefetch(static_cast<const char*>(first) + i * kCacheLine);
  }
}

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_CACHE_LINES_H_
