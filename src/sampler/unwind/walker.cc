// SPDX-License-Identifier: MIT
#include "sampler/unwind/walker.h"

#include "sampler/unwind/every_sample.h"
#include "sampler/unwind/plain_step.h"
#include "sampler/unwind/recall.h"
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

bool CanRecall(const Unwinder& unwinder) {
  return unwinder.generation() != nullptr && !unwinder.probing() &&
         PlainStep::IsAddress(unwinder.frame().pc);
}

// The unwinder may stand on an inner frame.
void Bring(Unwinder* unwinder, const Frame& frame) {
  if (frame.sp != unwinder->frame().sp) unwinder->MoveTo(frame);
}

// As far as the stack's end is known, code is tabled, and pcs is not yet a ring. The unwinder makes
// the steps that are not plain, and goes on from where it stands.
Unwinder::Step WalkByMemo(uintptr_t stack_high, Unwinder* unwinder, Recall* recall) {
  const PlainStep plain(*unwinder->generation()->cache, stack_high);
  Frame frame = unwinder->frame();
  if (recall->Has(frame) && recall->Follow(&frame)) return Unwinder::Step::kRoot;
  while (!recall->full() && PlainStep::IsAddress(frame.pc)) {
    if (recall->AddPlainly(plain, &frame)) {
      if (!recall->full() && recall->Follow(&frame)) return Unwinder::Step::kRoot;
      continue;
    }
    Bring(unwinder, frame);
    const Rule rule = unwinder->FindTabledRule();
    if (rule.empty()) {
      recall->TakeBack();
      break;
    }
    const Unwinder::Step step = unwinder->Next(rule);
    if (step != Unwinder::Step::kCaller || unwinder->probing()) {
      recall->SetLink(unwinder->link().is_root() ? Link::Root() : Link::None());
      return step;
    }
    recall->SetLink(unwinder->link());
    frame = unwinder->frame();
  }
  Bring(unwinder, frame);
  recall->SetLink(Link::None());
  return Unwinder::Step::kCaller;
}

// The walk's first part. Of a stack that goes on behind it, what may yet be turned is not kept. Not
// inlined: the rest of the walk, which reaches deepest, does not need this on the stack.
STACKSAMPLER_EVERY_SAMPLE [[gnu::noinline]] Unwinder::Step BeginByMemo(uintptr_t stack_high,
                                                                       Unwinder* unwinder,
                                                                       Walk* walk,
                                                                       uint32_t* count) {
  Recall recall(walk->memo, unwinder->generation()->number, stack_high);
  const Unwinder::Step step = WalkByMemo(stack_high, unwinder, &recall);
  const bool goes_on = step == Unwinder::Step::kCaller && recall.size() > kLeafFrames;
  walk->pcs = recall.Keep(goes_on ? kLeafFrames : recall.size());
  *count = static_cast<uint32_t>(recall.size());
  return step;
}

}  // namespace

STACKSAMPLER_EVERY_SAMPLE [[gnu::noinline]] void WalkStack(const ucontext_t& context,
                                                           uintptr_t stack_high, Walk* walk) {
  Unwinder unwinder(context, stack_high);
  if (unwinder.generation() != nullptr) unwinder.generation()->Prefetch();
  uint32_t count = 0;
  Unwinder::Step step = Unwinder::Step::kCaller;
  if (walk->memo != nullptr) {
    if (!CanRecall(unwinder)) {
      walk->pcs = walk->memo->spare_pcs();
    } else {
      step = BeginByMemo(stack_high, &unwinder, walk, &count);
    }
  }
  while (step == Unwinder::Step::kCaller && count < kMaxSteps) {
    walk->pcs[Place(count++)] = unwinder.frame().pc;
    step = unwinder.Next();
  }
  walk->complete = step == Unwinder::Step::kRoot;
  walk->guessed = unwinder.guessed();
  walk->depth = count < kMaxFrames ? count : kMaxFrames;
  walk->omitted = count - walk->depth;
  if (walk->omitted != 0) Straighten(count, walk->pcs);
}

}  // namespace stacksampler::unwind
