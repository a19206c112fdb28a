// SPDX-License-Identifier: MIT
//
// Purpose: all that the sampler knows of the processor, in one header per architecture; beside them
//   stand pack_rule_ARCH.cc and return_address_ARCH.cc. Nothing else asks which one it is built
//   for.
// Signal safety: everything here is async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_ARCH_H_
#define STACKSAMPLER_SAMPLER_UNWIND_ARCH_H_

#if defined(__x86_64__)
#include "sampler/unwind/arch_x86_64.h"
#elif defined(__aarch64__)
#include "sampler/unwind/arch_arm64.h"
#else
#error "the sampler knows x86-64 and arm64"
#endif

namespace stacksampler::unwind::arch {

/// The registers of an interrupted frame, by kPc, kSp, kFp and kRegisterOf.
inline const Register* RegistersOf(const ucontext_t& context) {
  return reinterpret_cast<const Register*>(reinterpret_cast<const char*>(&context) +
                                           kRegistersOffset);
}

inline uintptr_t Value(const Register* registers, int i) {
  return static_cast<uintptr_t>(registers[i]);
}

}  // namespace stacksampler::unwind::arch

#endif  // STACKSAMPLER_SAMPLER_UNWIND_ARCH_H_
