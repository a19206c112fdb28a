// SPDX-License-Identifier: MIT
//
// Purpose: tells return addresses from other words on a stack, by the code before them: there is a
//   call. And where calls lead.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_
#define STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/arch.h"

namespace stacksampler::unwind {

using arch::kMaxCallBytes;

/// True when the kMaxCallBytes of code at `code` can be read as ending in a near call.
bool EndsInCall(const uint8_t* code);

enum class CodeBefore {
  kCall,
  kOther,
  kUnreadable,  // nothing is mapped there, or seccomp forbids to look
};

/// Of the code before `address`, which is read without risk.
CodeBefore LookBefore(uintptr_t address);

inline bool FollowsCall(uintptr_t address) { return LookBefore(address) == CodeBefore::kCall; }

/// Where the call that `code` ends in leads; 0 = it is indirect. `address`: where it returns to.
/// REQUIRES: EndsInCall(code).
uintptr_t CallTarget(const uint8_t* code, uintptr_t address);

/// From where an entry of a procedure linkage table loads what it jumps to; 0 = it is none. `code`:
/// the arch::kPltEntryBytes at `entry`.
uintptr_t PltSlot(const uint8_t* code, uintptr_t entry);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_
