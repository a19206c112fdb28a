// SPDX-License-Identifier: MIT
#include "sampler/code_map.h"

#include <algorithm>

#include "sampler/unwind/tables.h"

namespace stacksampler::sampling {

CodeAddress CodeMap::Resolve(uintptr_t pc) {
  const symbolize::Module* module = modules_.Find(pc);
  if (module == nullptr && (!loaded_ || unwind::TablesAreStale())) {
    Refresh();
    module = modules_.Find(pc);
  }
  if (module == nullptr) return {CodeAddress::kNoModule, pc};
  return {module->id, pc - module->load_bias};
}

void CodeMap::Refresh() {
  if (!loaded_ || unwind::TablesAreStale()) {
    loaded_ = false;  // until all of it is done: each step may run out of memory
    // Before the modules: a library that is loaded in between leaves the tables stale, and so is
    // seen by the next refresh.
    retire_before_ = unwind::RefreshTables();
    modules_.Refresh();
    NoteHandlersInside();
    loaded_ = true;
  }
  RetireWhenQuiescent();
}

// All slots, not only those of today's threads: a handler of a sampler that was stopped may still
// be under way.
void CodeMap::NoteHandlersInside() {
  inside_.clear();
  for (std::atomic<ThreadSlot*>& entry : slot_table) {
    ThreadSlot* slot = entry.load(std::memory_order_acquire);
    if (slot == nullptr) return;
    const uint64_t sequence = slot->SequenceNow();
    if ((sequence & 1) != 0) inside_.emplace_back(slot, sequence);
  }
}

void CodeMap::RetireWhenQuiescent() {
  if (retire_before_ == 0) return;
  inside_.erase(
      std::remove_if(inside_.begin(), inside_.end(),
                     [](const auto& seen) { return seen.first->SequenceNow() != seen.second; }),
      inside_.end());
  if (!inside_.empty()) return;
  unwind::RetireBefore(retire_before_);
  retire_before_ = 0;
}

}  // namespace stacksampler::sampling
