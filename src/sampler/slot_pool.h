// SPDX-License-Identifier: MIT
//
// Purpose: hands out thread slots, and takes them back without ever freeing one.
// Thread safety: outside locking (the drain lock).
// Signal safety: not async-signal-safe; handlers run beside it.
#ifndef STACKSAMPLER_SAMPLER_SLOT_POOL_H_
#define STACKSAMPLER_SAMPLER_SLOT_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "sampler/handler/thread_slot.h"

namespace stacksampler::sampling {

/// A slot with a fresh generation and an empty ring; null when there is no memory or kMaxSlots
/// threads are sampled already.
ThreadSlot* AcquireSlot(size_t ring_bytes);

/// From here on, signals that carry the slot's ticket are ignored. A handler that is still inside
/// keeps the slot from being handed out again.
void ReleaseSlot(ThreadSlot* slot);

using HandlerTimes = std::array<uint64_t, kHandlerTimeBuckets>;
/// Of all slots, since the process began.
HandlerTimes SumHandlerTimes();

/// Slots are kept for ever: this many bytes, rings aside.
size_t SlotBytes();

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_SLOT_POOL_H_
