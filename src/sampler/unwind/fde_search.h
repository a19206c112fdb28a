// SPDX-License-Identifier: MIT
//
// Purpose: where a function begins and the next one does, by the binary search table of its module's .eh_frame_hdr, which
//   is read as a stack copy is: the module may be unloaded meanwhile.
// Thread safety: as StackCopy.
// Signal safety: not async-signal-safe.
// Source: Linux Standard Base 5.0, Core, 10.6.2 (.eh_frame_hdr).
#ifndef STACKSAMPLER_SAMPLER_UNWIND_FDE_SEARCH_H_
#define STACKSAMPLER_SAMPLER_UNWIND_FDE_SEARCH_H_

#include <cstdint>
#include <optional>

#include "sampler/unwind/stack_copy.h"

namespace stacksampler::unwind {

/// From one function's first byte to the next one's.
struct FdeRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  [[nodiscard]] bool Holds(uintptr_t pc) const { return begin <= pc && pc < end; }
};

/// nullopt without a table of the usual encodings, or below its first function.
std::optional<FdeRange> FindFde(const StackCopy& memory, uintptr_t header, uintptr_t pc);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_FDE_SEARCH_H_
