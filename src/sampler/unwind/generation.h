// SPDX-License-Identifier: MIT
//
// Purpose: the unwind rules of all modules loaded at one moment, as the walker reads them. A
//   generation never changes once it is published, but for its cache; a newer one replaces it.
// Thread safety: readers run beside Publish().
// Signal safety: everything here is async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_GENERATION_H_
#define STACKSAMPLER_SAMPLER_UNWIND_GENERATION_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/cache_lines.h"
#include "sampler/unwind/rule.h"
#include "sampler/unwind/rule_cache.h"

namespace stacksampler::unwind {

/// The rule of the code from here to the next row.
struct Row {
  uint32_t offset;  // from the module's `begin`
  uint32_t rule;    // Rule::bits()
};

struct ModuleTable {
  /// Two binary search steps more for each doubling; 4 bytes of index per block.
  static constexpr unsigned kBlockBits = 8;

  uintptr_t begin = 0;  // of executable code
  uintptr_t end = 0;
  uintptr_t header = 0;             // its .eh_frame_hdr; 0 = none
  const Row* rows = nullptr;        // sorted; the first has offset 0
  const uint32_t* index = nullptr;  // per block: the last row at or before it; and one entry more
  uint32_t row_count = 0;

  /// REQUIRES: begin <= pc < end.
  Rule Find(uintptr_t pc) const;
};

/// What every walk reads comes first, in one cache line.
struct Generation {
  uint64_t number = 0;
  RuleCache* cache = nullptr;  // its own: what it remembers holds for these modules
  uint64_t adds = 0;           // the loader's counters when the modules were listed
  uint64_t subs = 0;
  const ModuleTable* modules = nullptr;  // sorted by address
  size_t module_count = 0;
  const SideRule* side_rules = nullptr;
  size_t side_rule_count = 0;
  size_t bytes = 0;  // of the arena that holds all this

  /// Asks for the modules: an address that was never sampled before is looked up among them.
  [[gnu::always_inline]] void Prefetch() const { AskForLines<3>(modules); }

  /// Null when no module's code holds `pc`.
  const ModuleTable* FindModule(uintptr_t pc) const;
};

/// Null before the first Publish().
const Generation* CurrentGeneration();
void PublishGeneration(const Generation* generation);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_GENERATION_H_
