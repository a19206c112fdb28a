// SPDX-License-Identifier: MIT
#include "sampler/handler/signal_handler.h"

#include <ucontext.h>

#include <algorithm>
#include <atomic>

#include "sampler/handler/thread_slot.h"
#include "sampler/handler/ticks.h"
#include "sampler/unwind/every_sample.h"
#include "sampler/unwind/walker.h"

namespace stacksampler::sampling {

std::atomic<ThreadSlot*> slot_table[kMaxSlots];
std::atomic<uint64_t> tick_ns_q32{0};

namespace {

std::atomic<uint64_t> foreign_signals{0};

void TakeSample(ThreadSlot* slot, uint32_t weight, uint64_t ticks, const ucontext_t& context) {
  if (slot->thread_pointer.load(std::memory_order_relaxed) == 0) [[unlikely]] {
    slot->thread_pointer.store(reinterpret_cast<uintptr_t>(__builtin_thread_pointer()),
                               std::memory_order_relaxed);
  }
  const uintptr_t sp = unwind::arch::Value(unwind::arch::RegistersOf(context), unwind::arch::kSp);
  unwind::Walk walk;
  walk.memo = &slot->memo;
  unwind::WalkStack(context, slot->StackHighFor(sp), &walk);

  SampleHeader header;
  header.weight = weight;
  header.depth = static_cast<uint16_t>(walk.depth);
  header.guessed = static_cast<uint8_t>(std::min<uint32_t>(walk.guessed, UINT8_MAX));
  header.truncated = walk.omitted != 0;
  header.complete = walk.complete;
  slot->Count(weight, slot->ring.TryWrite(header, ticks, walk.pcs));
}

}  // namespace

STACKSAMPLER_EVERY_SAMPLE void HandleSigprof(int /*signal*/, siginfo_t* info, void* context) {
  const uint64_t begin = ReadTicks();
  unwind::PrefetchCode();
  const Ticket ticket(info->si_value.sival_ptr);
  ThreadSlot* slot = info->si_code == SI_TIMER ? ticket.FindSlot() : nullptr;
  if (slot == nullptr) {
    foreign_signals.fetch_add(1, std::memory_order_relaxed);
  } else {
    slot->memo.Prefetch();  // before Enter, whose read-modify-write all that follows waits for
    slot->ring.Prefetch();
    slot->Enter();
    if (slot->generation.load(std::memory_order_acquire) == ticket.generation()) {
      TakeSample(slot, 1 + static_cast<uint32_t>(info->si_overrun), begin,
                 *static_cast<const ucontext_t*>(context));
      slot->CountTime(TicksToNs(ReadTicks() - begin));
    }
    slot->Leave();
  }
}

uint64_t ForeignSignals() { return foreign_signals.load(std::memory_order_relaxed); }

}  // namespace stacksampler::sampling
