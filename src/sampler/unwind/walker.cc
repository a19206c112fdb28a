// SPDX-License-Identifier: MIT
#include "sampler/unwind/walker.h"

#include "sampler/unwind/unwinder.h"

namespace stacksampler::unwind {
namespace {

/// A runaway recursion must not make the handler run for milliseconds.
constexpr uint32_t kMaxSteps = 16384;

void Reverse(uintptr_t* first, uintptr_t* last) {
  while (first < last) {
    const uintptr_t kept = *first;
    *first++ = *--last;
    *last = kept;
  }
}

// Beyond kLeafFrames, pcs is a ring that always holds the latest kRootFrames.
size_t Place(uint32_t count) {
  return count < kMaxFrames ? count : kLeafFrames + (count - kLeafFrames) % kRootFrames;
}

// Turns the ring so that its oldest frame comes first.
void Straighten(uint32_t count, uintptr_t* pcs) {
  uintptr_t* ring = pcs + kLeafFrames;
  uintptr_t* oldest = pcs + Place(count);
  Reverse(ring, oldest);
  Reverse(oldest, pcs + kMaxFrames);
  Reverse(ring, pcs + kMaxFrames);
}

}  // namespace

[[gnu::noinline]] void WalkStack(const ucontext_t& context, uintptr_t stack_high, Walk* walk) {
  Unwinder unwinder(context, stack_high);
  uint32_t count = 0;
  Unwinder::Step step = Unwinder::Step::kCaller;
  while (step == Unwinder::Step::kCaller && count < kMaxSteps) {
    walk->pcs[Place(count++)] = unwinder.pc();
    step = unwinder.Next();
  }
  walk->complete = step == Unwinder::Step::kRoot;
  walk->guessed = unwinder.guessed();
  walk->depth = count < kMaxFrames ? count : kMaxFrames;
  walk->omitted = count - walk->depth;
  if (walk->omitted != 0) Straighten(count, walk->pcs);
}

}  // namespace stacksampler::unwind
