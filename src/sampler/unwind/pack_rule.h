// SPDX-License-Identifier: MIT
//
// Purpose: the state that a CFI program describes, as the rule that the walker applies.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_PACK_RULE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_PACK_RULE_H_

#include "sampler/unwind/cfi.h"
#include "sampler/unwind/rule.h"

namespace stacksampler::unwind {

/// A rule of kind kSide means that *side holds it, and that its operand is still to be chosen.
/// A state that cannot be said at all is NoRule::kUnsupported.
Rule PackRule(const CfiState& state, bool is_signal_frame, SideRule* side);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_PACK_RULE_H_
