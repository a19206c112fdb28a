// SPDX-License-Identifier: MIT
//
// Purpose: the rule of code whose module is not tabled yet, read from the module itself. Ten times
//   the cost of a table, and equal to it.
// Signal safety: async-signal-safe; calls _dl_find_object, which glibc documents as such.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_UNTABLED_H_
#define STACKSAMPLER_SAMPLER_UNWIND_UNTABLED_H_

#include <cstdint>

#include "sampler/unwind/rule.h"

namespace stacksampler::unwind {

/// As PackRule(). REQUIRES: `pc` is code that a frame of the walked stack is executing, which keeps
/// its module loaded; or is in no module.
Rule FindUntabledRule(uintptr_t pc, SideRule* side);

/// True when a module is mapped at `pc`, which may be any number.
bool IsInModule(uintptr_t pc);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_UNTABLED_H_
