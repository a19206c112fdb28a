// SPDX-License-Identifier: MIT
#include "sampler/slot_pool.h"

#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

constexpr size_t kRingBytes = size_t{16} << 10;

TEST_CASE("Slots: a ticket finds its slot, and only as long as the slot is held") {
  ThreadSlot* slot = AcquireSlot(kRingBytes);
  REQUIRE(slot != nullptr);
  const Ticket ticket(slot->index, slot->generation);
  const Ticket received(ticket.AsPointer());
  CHECK(received.FindSlot() == slot);
  CHECK(received.generation() == slot->generation);
  ReleaseSlot(slot);
  CHECK(received.FindSlot() == slot);
  CHECK(received.generation() != slot->generation);
  ThreadSlot* again = AcquireSlot(kRingBytes);
  CHECK(again == slot);
  CHECK(received.generation() != again->generation);
  ReleaseSlot(again);
}

TEST_CASE("Slots: what is not a ticket finds nothing") {
  int local = 0;
  CHECK(Ticket(nullptr).FindSlot() == nullptr);
  CHECK(Ticket(&local).FindSlot() == nullptr);
  CHECK(Ticket(kMaxSlots - 1, 1).FindSlot() == nullptr);
}

TEST_CASE("Slots: one with a handler inside is not handed out again") {
  ThreadSlot* slot = AcquireSlot(kRingBytes);
  slot->Enter();
  ReleaseSlot(slot);
  ThreadSlot* other = AcquireSlot(kRingBytes);
  CHECK(other != slot);
  slot->Leave();
  ThreadSlot* again = AcquireSlot(kRingBytes);
  CHECK(again == slot);
  ReleaseSlot(again);
  ReleaseSlot(other);
}

TEST_CASE("Slots: counters cannot be read in the middle of a sample") {
  ThreadSlot* slot = AcquireSlot(kRingBytes);
  SlotCounters counters;
  slot->Enter();
  slot->Count(3, false);
  CHECK_FALSE(slot->TryReadCounters(&counters));
  slot->Leave();
  REQUIRE(slot->TryReadCounters(&counters));
  CHECK(counters.delivered_signals == 1);
  CHECK(counters.delivered_weight == 3);
  CHECK(counters.dropped_weight == 3);
  ReleaseSlot(slot);
}

TEST_CASE("Slots: a handler that was left by a jump does not block the next one") {
  ThreadSlot* slot = AcquireSlot(kRingBytes);
  SlotCounters counters;
  slot->Enter();
  slot->Enter();
  slot->Count(1, true);
  slot->Leave();
  CHECK(slot->TryReadCounters(&counters));
  CHECK(counters.delivered_signals == 1);
  ReleaseSlot(slot);
}

TEST_CASE("Slots: the stack above an address is known within the thread's stack only") {
  ThreadSlot* slot = AcquireSlot(kRingBytes);
  CHECK(slot->StackHighFor(5000) == 0);
  slot->stack_high = 9000;
  slot->stack_low = 4000;
  CHECK(slot->StackHighFor(5000) == 9000);
  CHECK(slot->StackHighFor(3999) == 0);
  CHECK(slot->StackHighFor(9000) == 0);
  ReleaseSlot(slot);
}

}  // namespace
}  // namespace stacksampler::sampling
