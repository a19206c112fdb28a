// SPDX-License-Identifier: MIT
//
// Purpose: what one sampled thread's signal handler works on, and the ticket by which its timer's
//   signals find it.
// Thread safety: the handler on the slot's thread beside one holder of the drain lock.
// Signal safety: all but the ring's Map and Unmap is async-signal-safe.
//
// Invariants: 1. Slots are never freed: a ticket may be looked up at any time, even by a signal
//   that was on
//      its way when its timer was deleted.
// 2. sequence is odd while a handler uses the slot. The handler makes it odd (a read-modify-write)
//      BEFORE it compares generations; an owner that has set generation to 0 and then reads an even
//      sequence by a read-modify-write therefore knows that no handler is or will be inside. The
//      same argument lets unwind tables be retired.
// 3. Counters change only while sequence is odd. A reader that finds the same even sequence before
//      and after has read counters and ring head that belong together: counters are stored with
//      release and loaded with acquire, so that who sees a new value sees the odd sequence too.
// 4. Handlers do not nest: sa_mask blocks everything. An odd sequence on entry was left behind by
//      a handler that somebody jumped out of; it had counted nothing yet.
#ifndef STACKSAMPLER_SAMPLER_HANDLER_THREAD_SLOT_H_
#define STACKSAMPLER_SAMPLER_HANDLER_THREAD_SLOT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sampler/handler/sample_ring.h"
#include "sampler/unwind/walker.h"
#include "stacksampler/sampler.h"

namespace stacksampler::sampling {

/// Totals of a slot since it was handed out: delivered_weight == weight of the ring's records +
/// dropped_weight.
struct SlotCounters {
  uint64_t delivered_signals = 0;
  uint64_t delivered_weight = 0;
  uint64_t dropped_weight = 0;  // the ring was full
  uint64_t ring_head = 0;
};

/// What every sample touches before it walks lies in the first cache line: a handler finds nearly
/// all that it needs in no cache.
struct alignas(64) ThreadSlot {
  uint32_t index = 0;                   // of the slot table; never changes
  std::atomic<uint32_t> generation{0};  // 0 = no timer belongs here
  std::atomic<uint64_t> sequence{0};

  std::atomic<uint64_t> delivered_signals{0};
  std::atomic<uint64_t> delivered_weight{0};
  std::atomic<uint64_t> dropped_weight{0};
  // Memory from any address in [stack_low, stack_high) up to stack_high is readable as long as the
  // thread lives. stack_high is stored before stack_low.
  std::atomic<uintptr_t> stack_low{UINTPTR_MAX};
  std::atomic<uintptr_t> stack_high{0};
  // Thread control block, which glibc lays on top of a thread's stack; 0 before the first sample.
  std::atomic<uintptr_t> thread_pointer{0};

  SampleRing ring;
  // Of the handlers that ever ran in this slot, whoever held it: [b] counts durations from 2^b ns,
  // up to twice that.
  std::atomic<uint64_t> handler_times[kHandlerTimeBuckets]{};
  // Here and not on the interrupted stack, which may be small.
  unwind::StackMemo memo;

  void Enter() {
    sequence.exchange(sequence.load(std::memory_order_relaxed) | 1, std::memory_order_acq_rel);
  }
  void Leave() {
    sequence.store(sequence.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  /// At this moment: it may be over when this returns.
  [[nodiscard]] bool HandlerIsInside() const {
    return (sequence.load(std::memory_order_acquire) & 1) != 0;
  }

  /// Called between Enter and Leave.
  void Count(uint32_t weight, bool recorded) {
    Add(&delivered_signals, 1);
    Add(&delivered_weight, weight);
    if (!recorded) Add(&dropped_weight, weight);
  }

  /// Called between Enter and Leave.
  void CountTime(uint64_t ns) {
    const auto bucket = static_cast<size_t>(63 - __builtin_clzll(ns | 1));
    Add(&handler_times[bucket < kHandlerTimeBuckets ? bucket : kHandlerTimeBuckets - 1], 1);
  }

  /// End of the readable stack above `sp`, 0 when unknown.
  [[nodiscard]] uintptr_t StackHighFor(uintptr_t sp) const {
    if (sp < stack_low.load(std::memory_order_acquire)) return 0;
    const uintptr_t high = stack_high.load(std::memory_order_relaxed);
    return sp < high ? high : 0;
  }

  /// False when a handler was at work all the time.
  bool TryReadCounters(SlotCounters* counters) const {
    constexpr int kAttempts = 64;
    for (int i = 0; i < kAttempts; ++i) {
      const uint64_t before = sequence.load(std::memory_order_acquire);
      SlotCounters read;
      read.delivered_signals = delivered_signals.load(std::memory_order_acquire);
      read.delivered_weight = delivered_weight.load(std::memory_order_acquire);
      read.dropped_weight = dropped_weight.load(std::memory_order_acquire);
      read.ring_head = ring.head();
      if ((before & 1) == 0 && sequence.load(std::memory_order_relaxed) == before) {
        *counters = read;
        return true;
      }
    }
    return false;
  }

  /// The sequence, ordered against handlers (invariant 2).
  uint64_t SequenceNow() { return sequence.fetch_add(0, std::memory_order_acq_rel); }

 private:
  // One writer: no read-modify-write needed.
  static void Add(std::atomic<uint64_t>* counter, uint64_t by) {
    counter->store(counter->load(std::memory_order_relaxed) + by, std::memory_order_release);
  }
};

inline constexpr size_t kMaxSlots = size_t{1} << 16;

/// Null beyond the slots made so far. Zero pages until it is used.
extern std::atomic<ThreadSlot*> slot_table[kMaxSlots];
static_assert(std::atomic<ThreadSlot*>::is_always_lock_free);

/// Travels as the timer's sival_ptr. Not a pointer: another SIGPROF timer of the program may carry
/// anything.
class Ticket {
 public:
  Ticket(uint32_t slot_index, uint32_t generation)
      : bits_(kMagic << 48 | uint64_t{slot_index} << 32 | generation) {}
  explicit Ticket(const void* bits) : bits_(reinterpret_cast<uintptr_t>(bits)) {}

  [[nodiscard]] void* AsPointer() const { return reinterpret_cast<void*>(bits_); }
  [[nodiscard]] uint32_t generation() const { return static_cast<uint32_t>(bits_); }
  /// Null for a ticket that is not ours. Async-signal-safe.
  [[nodiscard]] ThreadSlot* FindSlot() const {
    if (bits_ >> 48 != kMagic) return nullptr;
    return slot_table[bits_ >> 32 & (kMaxSlots - 1)].load(std::memory_order_acquire);
  }

 private:
  static constexpr uint64_t kMagic = 0x57ac;
  uint64_t bits_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_HANDLER_THREAD_SLOT_H_
