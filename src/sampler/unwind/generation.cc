// SPDX-License-Identifier: MIT
#include "sampler/unwind/generation.h"

#include <atomic>

#include "sampler/unwind/every_sample.h"

namespace stacksampler::unwind {
namespace {

// Release on publishing and acquire on reading: who sees the pointer sees the tables behind it.
std::atomic<const Generation*> current{nullptr};
static_assert(std::atomic<const Generation*>::is_always_lock_free);

}  // namespace

STACKSAMPLER_EVERY_SAMPLE Rule ModuleTable::Find(uintptr_t pc) const {
  const uint32_t offset = static_cast<uint32_t>(pc - begin);
  const uint32_t block = offset >> kBlockBits;
  const Row* row = rows + index[block];
  for (uint32_t count = index[block + 1] - index[block] + 1; count > 1;) {
    const uint32_t half = count / 2;
    row = row[half].offset <= offset ? row + half : row;
    count -= half;
  }
  return Rule::FromBits(row->rule);
}

STACKSAMPLER_EVERY_SAMPLE const ModuleTable* Generation::FindModule(uintptr_t pc) const {
  if (module_count == 0) return nullptr;
  const ModuleTable* module = modules;
  for (size_t count = module_count; count > 1;) {
    const size_t half = count / 2;
    module = module[half].begin <= pc ? module + half : module;
    count -= half;
  }
  return pc >= module->begin && pc < module->end ? module : nullptr;
}

STACKSAMPLER_EVERY_SAMPLE const Generation* CurrentGeneration() {
  return current.load(std::memory_order_acquire);
}

void PublishGeneration(const Generation* generation) {
  current.store(generation, std::memory_order_release);
}

}  // namespace stacksampler::unwind
