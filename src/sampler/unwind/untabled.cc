// SPDX-License-Identifier: MIT
#include "sampler/unwind/untabled.h"

#include <dlfcn.h>

#include "sampler/unwind/cfi.h"
#include "sampler/unwind/fde_table.h"
#include "sampler/unwind/pack_rule.h"

namespace stacksampler::unwind {
namespace {

// The steps below are inlined: what one keeps on the stack, the next one may overwrite.

[[gnu::always_inline]] inline bool FindImage(uintptr_t pc, UnwindImage* image) {
  dl_find_object found;
  if (_dl_find_object(reinterpret_cast<void*>(pc), &found) != 0) return false;
  image->bytes = static_cast<const uint8_t*>(found.dlfo_map_start);
  image->address = reinterpret_cast<uintptr_t>(found.dlfo_map_start);
  image->size = reinterpret_cast<uintptr_t>(found.dlfo_map_end) - image->address;
  image->header = reinterpret_cast<uintptr_t>(found.dlfo_eh_frame);
  return true;
}

// The empty rule when it was found.
[[gnu::always_inline]] inline Rule FindFde(uintptr_t pc, Cie* cie, Fde* fde) {
  UnwindImage image;
  if (!FindImage(pc, &image)) return Rule(NoRule::kOutside);
  FdeTable table(image);
  size_t i = 0;
  const bool found = table.Open() && table.Find(pc, &i) && table.Read(i, cie, fde) &&
                     pc >= fde->begin && pc < fde->end;
  return found ? Rule() : Rule(NoRule::kGap);
}

[[gnu::always_inline]] inline CfiState RunTo(uintptr_t pc, const Cie& cie, const Fde& fde) {
  CfiRows rows(cie, fde);
  CfiState state;
  while (rows.Next() && rows.begin() <= pc) state = rows.state();
  return state;
}

}  // namespace

Rule FindUntabledRule(uintptr_t pc, SideRule* side) {
  Cie cie;
  Fde fde;
  const Rule missing = FindFde(pc, &cie, &fde);
  if (!missing.empty()) return missing;
  return PackRule(RunTo(pc, cie, fde), cie.is_signal_frame, side);
}

bool IsInModule(uintptr_t pc) {
  dl_find_object found;
  return _dl_find_object(reinterpret_cast<void*>(pc), &found) == 0;
}

}  // namespace stacksampler::unwind
