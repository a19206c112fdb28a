// SPDX-License-Identifier: MIT
//
// Purpose: tells return addresses from other words on a stack: x86-64 code before one ends in CALL.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_
#define STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_

#include <cstddef>
#include <cstdint>

namespace stacksampler::unwind {

/// The longest CALL, without prefixes.
inline constexpr size_t kMaxCallBytes = 7;

/// True when the kMaxCallBytes of code at `code` can be read as ending in a near CALL.
bool EndsInCall(const uint8_t* code);

/// True when EndsInCall() for the code before `address`, which is read without risk.
bool FollowsCall(uintptr_t address);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_RETURN_ADDRESS_H_
