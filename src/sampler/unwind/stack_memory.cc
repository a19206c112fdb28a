// SPDX-License-Identifier: MIT
#include "sampler/unwind/stack_memory.h"

#include "sampler/unwind/probe.h"

namespace stacksampler::unwind {

bool StackMemory::LoadsAfterProbe(uintptr_t address) {
  const bool in_red_zone = address < sp_ && sp_ - address <= arch::kRedZoneBytes;
  const bool allowed = in_red_zone || (probing_ && address >= sp_);
  if (address % kWord != 0 || !allowed || !IsReadable(address)) return false;
  if (probing_) {
    first_ = address & ~(kPageBytes - 1);
    last_ = first_ + kPageBytes - kWord;
  }
  return true;
}

}  // namespace stacksampler::unwind
