// SPDX-License-Identifier: MIT
//
// Purpose: the only way in which the walker reads a stack: no load outside what is known, or has
//   been found, to be mapped.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMORY_H_
#define STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMORY_H_

#include <cstdint>

#include "sampler/unwind/arch.h"

namespace stacksampler::unwind {

class StackMemory {
 public:
  /// [sp, high) is mapped. When `high` is 0, or not above `sp`, nothing is known and each page is
  /// probed once.
  StackMemory(uintptr_t sp, uintptr_t high) : sp_(sp), first_(sp), last_(high - kWord) {
    if (high < sp + kWord) ForgetBounds(sp);
  }

  /// From here on the stack at `sp`, of which nothing is known.
  void ForgetBounds(uintptr_t sp) {
    sp_ = sp;
    first_ = 1;
    last_ = 0;
    probing_ = true;
  }
  bool probing() const { return probing_; }

  /// False when `address` is misaligned or may not be read.
  [[gnu::always_inline]] bool Load(uintptr_t address, uint64_t* value) {
    if (address < first_ || address > last_ || address % kWord != 0) [[unlikely]] {
      if (!LoadsAfterProbe(address)) return false;
    }
    // Any address but null, as the bounds or the probe have found.
    *value = *reinterpret_cast<const uint64_t*>(address);  // NOLINT(*NullDereference)
    return true;
  }

 private:
  static constexpr uintptr_t kWord = 8;

  bool LoadsAfterProbe(uintptr_t address);

  uintptr_t sp_;
  uintptr_t first_;  // [first_, last_ + kWord) needs no probe
  uintptr_t last_;
  bool probing_ = false;
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_STACK_MEMORY_H_
