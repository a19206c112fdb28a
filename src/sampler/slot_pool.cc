// SPDX-License-Identifier: MIT
#include "sampler/slot_pool.h"

#include <vector>

namespace stacksampler::sampling {
namespace {

struct Pool {
  std::vector<ThreadSlot*> free;
  uint32_t slots = 0;
  uint32_t last_generation = 0;
};

// Never destroyed: threads are sampled until the very end of the process.
Pool& ThePool() {
  static Pool* const pool = new Pool;
  return *pool;
}

bool Quiescent(ThreadSlot* slot) { return (slot->SequenceNow() & 1) == 0; }

ThreadSlot* TakeFreeSlot(Pool* pool) {
  for (size_t i = pool->free.size(); i-- > 0;) {
    ThreadSlot* slot = pool->free[i];
    if (!Quiescent(slot)) continue;
    pool->free[i] = pool->free.back();
    pool->free.pop_back();
    return slot;
  }
  return nullptr;
}

ThreadSlot* MakeSlot(Pool* pool) {
  if (pool->slots == kMaxSlots) return nullptr;
  auto* slot = new ThreadSlot;
  slot->index = pool->slots++;
  slot_table[slot->index].store(slot, std::memory_order_release);
  return slot;
}

void Reset(ThreadSlot* slot) {
  slot->delivered_signals.store(0, std::memory_order_relaxed);
  slot->delivered_weight.store(0, std::memory_order_relaxed);
  slot->dropped_weight.store(0, std::memory_order_relaxed);
  slot->stack_low.store(UINTPTR_MAX, std::memory_order_relaxed);
  slot->stack_high.store(0, std::memory_order_relaxed);
  slot->thread_pointer.store(0, std::memory_order_relaxed);
}

}  // namespace

ThreadSlot* AcquireSlot(size_t ring_bytes) {
  Pool& pool = ThePool();
  ThreadSlot* slot = TakeFreeSlot(&pool);
  if (slot == nullptr) slot = MakeSlot(&pool);
  if (slot == nullptr) return nullptr;
  if (!slot->ring.Map(ring_bytes)) {
    pool.free.push_back(slot);
    return nullptr;
  }
  Reset(slot);
  if (++pool.last_generation == 0) ++pool.last_generation;
  slot->generation.store(pool.last_generation, std::memory_order_release);
  return slot;
}

HandlerTimes SumHandlerTimes() {
  HandlerTimes sums{};
  for (uint32_t i = 0; i < ThePool().slots; ++i) {
    const ThreadSlot* slot = slot_table[i].load(std::memory_order_acquire);
    for (size_t b = 0; b < sums.size(); ++b) {
      sums[b] += slot->handler_times[b].load(std::memory_order_relaxed);
    }
  }
  return sums;
}

size_t SlotBytes() { return ThePool().slots * sizeof(ThreadSlot); }

void ReleaseSlot(ThreadSlot* slot) {
  slot->generation.store(0, std::memory_order_release);
  if (Quiescent(slot)) slot->ring.Unmap();
  ThePool().free.push_back(slot);
}

}  // namespace stacksampler::sampling
