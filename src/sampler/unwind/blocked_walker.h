// SPDX-License-Identifier: MIT
//
// Purpose: walks the stack of a thread that is blocked in the kernel, from outside. Of its registers
//   only the program counter and the stack pointer are known; fp is unknown until a frame's row
//   restores it from the stack. Where a row needs it before that, the frame is searched for above
//   the stack pointer: a return address whose call leads to this very function. Such a frame counts
//   as guessed. Beside walker.h and not in it: that one reads registers and memory in place, and
//   pays for every instruction.
// Thread safety: outside locking; tables must not be retired meanwhile.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_BLOCKED_WALKER_H_
#define STACKSAMPLER_SAMPLER_UNWIND_BLOCKED_WALKER_H_

#include <cstdint>

#include "sampler/unwind/stack_copy.h"
#include "sampler/unwind/walker.h"

namespace stacksampler::unwind {

/// As WalkStack(). The thread may run meanwhile: then the result is meaningless, but harmless, and
/// to be thrown away. Only tabled modules are walked through: others may be unloaded meanwhile.
void WalkBlocked(uintptr_t pc, uintptr_t sp, StackCopy* stack, Walk* walk);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_BLOCKED_WALKER_H_
