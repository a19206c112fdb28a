// SPDX-License-Identifier: MIT
//
// Purpose: the walk from an interrupted context to the root of its stack, inside the signal
//   handler. No frame pointers needed: .eh_frame rules of every module are prepared beforehand by
//   tables.h.
// Thread safety: any number of threads walk at once.
// Signal safety: everything here is async-signal-safe: no lock, no allocation, no thread-local
//   storage, under 512 bytes of stack, no call out but _dl_find_object.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_WALKER_H_
#define STACKSAMPLER_SAMPLER_UNWIND_WALKER_H_

#include <ucontext.h>

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/stack_memo.h"

namespace stacksampler::unwind {

/// A deeper stack keeps its leaf-most kLeafFrames and root-most kRootFrames.
inline constexpr size_t kLeafFrames = 192;
inline constexpr size_t kRootFrames = kMaxFrames - kLeafFrames;

struct Walk {
  /// Addresses to look up, leaf first: the interrupted pc itself, and return addresses minus one
  /// (so that they lie inside the call), except where a frame was itself interrupted by a signal.
  /// Owned by the caller, who gives room for kMaxFrames; or by the memo, until its next walk.
  uintptr_t* pcs = nullptr;
  /// What the thread's previous walk found, if there is such a thing. It makes the walk shorter and
  /// does not change its result. REQUIRES: pcs or memo.
  StackMemo* memo = nullptr;
  uint32_t depth = 0;     // entries of pcs in use
  uint32_t omitted = 0;   // frames left out between pcs[kLeafFrames - 1] and pcs[kLeafFrames]
  uint32_t guessed = 0;   // frames found by heuristic: code without unwind rows
  bool complete = false;  // reached the root
};

/// Walks from `context`. Loads stay within [sp, stack_high); 0 = unknown bounds: pages are probed
/// first. REQUIRES: all between the interrupted sp and a non-zero stack_high is mapped, that is, sp
/// lies on that stack and not on an alternate one or a coroutine's. Async-signal-safe.
void WalkStack(const ucontext_t& context, uintptr_t stack_high, Walk* walk);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_WALKER_H_
