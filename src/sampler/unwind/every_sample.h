// SPDX-License-Identifier: MIT
//
// Purpose: keeps the code that nearly every sample runs together, so that the handler can ask for all
//   of it at once. A big program has pushed it out of every cache since the last sample, and what
//   is fetched line by line, each when the one before has run, costs more than the walk.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_EVERY_SAMPLE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_EVERY_SAMPLE_H_

#include <cstddef>

#include "sampler/unwind/cache_lines.h"

/// Goes before the definition of a function that is not inline.
#define STACKSAMPLER_EVERY_SAMPLE [[gnu::section("stacksampler_every_sample")]]

// The linker's: it names the ends of every section whose name is an identifier.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
[[gnu::visibility("hidden")]] extern const char __start_stacksampler_every_sample[];
[[gnu::visibility("hidden")]] extern const char __stop_stacksampler_every_sample[];
// NOLINTEND(bugprone-reserved-identifier)
}

namespace stacksampler::unwind {

/// Up to kLinesAtOnce lines more than there are, which harms nobody: a prefetch cannot fault.
[[gnu::always_inline]] inline void PrefetchCode() {
  constexpr size_t kLinesAtOnce = 4;
  constexpr int kForReading = 0;
  constexpr int kIntoSecondLevel = 2;
  const char* line = __start_stacksampler_every_sample;
  do {
    __builtin_prefetch(line, kForReading, kIntoSecondLevel);
    __builtin_prefetch(line + kCacheLine, kForReading, kIntoSecondLevel);
    __builtin_prefetch(line + 2 * kCacheLine, kForReading, kIntoSecondLevel);
    __builtin_prefetch(line + 3 * kCacheLine, kForReading, kIntoSecondLevel);
    line += kLinesAtOnce * kCacheLine;
  } while (line < __stop_stacksampler_every_sample);
}

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_EVERY_SAMPLE_H_
