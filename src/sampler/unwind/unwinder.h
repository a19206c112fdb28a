// SPDX-License-Identifier: MIT
//
// Purpose: from one frame to its caller.
// Thread safety: one unwinder per walk, on the walking thread's stack.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_UNWINDER_H_
#define STACKSAMPLER_SAMPLER_UNWIND_UNWINDER_H_

#include <ucontext.h>

#include <cstdint>

#include "sampler/unwind/generation.h"
#include "sampler/unwind/rule.h"
#include "sampler/unwind/stack_memo.h"
#include "sampler/unwind/stack_memory.h"

namespace stacksampler::unwind {

class Unwinder {
 public:
  enum class Step { kCaller, kRoot, kLost };

  /// Stands on the interrupted frame. `context` must outlive this. For `stack_high` see
  /// WalkStack().
  Unwinder(const ucontext_t& context, uintptr_t stack_high);

  /// pc: inside the call, or the interrupted instruction.
  Frame frame() const { return {sp_, pc_, fp_}; }

  /// Stands on a frame that was reached by return from the one before, and in which nothing but
  /// `frame` is known. REQUIRES: frame.sp > frame().sp.
  void MoveTo(const Frame& frame) {
    sp_ = frame.sp;
    pc_ = frame.pc;
    fp_ = frame.fp;
    registers_ = nullptr;
  }

  /// Moves to the caller. kRoot: the frame has none. kLost: it could not be found.
  Step Next();
  /// The same, by FindTabledRule(). REQUIRES: it is not empty.
  Step Next(Rule rule);
  /// Empty when no table covers the frame's pc.
  Rule FindTabledRule() const;
  /// How the last step was made.
  Link link() const { return link_; }

  /// Null before the first generation is published.
  const Generation* generation() const { return generation_; }
  /// True when nothing is known of the stack's bounds, or nothing any more.
  bool probing() const { return memory_.probing(); }

  /// Steps made by heuristic so far.
  uint32_t guessed() const { return guessed_; }

 private:
  /// A handler on an alternate stack leads back to the thread's own; more than that is a loop.
  static constexpr uint32_t kMaxStackSwitches = 2;

  enum class Answer { kNo, kYes, kPerhaps };

  Step Apply(Rule rule, const SideRule& side);
  Step ApplyWithoutSp(Rule rule);
  Step ApplyPlt(uint32_t pushes_from);
  Step ApplyRealigned(uint32_t slot);
  Step ApplySide(const SideRule& side);
  /// Where the caller's fp lies; `cfa` = in fp.
  uintptr_t SavedFp(const SideRule& side, uintptr_t cfa) const;
  Step ApplySignalFrame(uint32_t words);
  /// From code of which no unwind information tells.
  Step LeaveUntold(bool in_module);
  Step Guess(bool in_module);
  Step FollowFramePointer(bool check_call);
  Step ReturnFromLeaf();
  Step TakeTopOfStack();
  bool AtSignalTrampoline() const;
  Answer IsOutermost() const;
  bool IsReturnAddress(uintptr_t address) const;
  bool ReadRegister(uint8_t reg, uintptr_t* value) const;
  /// To the caller's frame: its pc and fp are at these addresses; `cfa` = still in their registers.
  Step Return(uintptr_t cfa, uintptr_t pc_at, uintptr_t fp_at);
  /// The same, as a plain rule says.
  Step ReturnBy(Rule rule, uintptr_t cfa) {
    return Return(cfa, cfa - rule.return_address_bytes(), cfa - rule.fp_bytes());
  }
  bool ReadReturnAddress(uintptr_t cfa, uintptr_t pc_at, uint64_t* pc);
  Link LinkTo(uintptr_t cfa, uintptr_t pc_at, uintptr_t fp_at) const;

  const Generation* generation_;
  const arch::Register* registers_;  // of an interrupted frame; null in a frame reached by return
  uintptr_t pc_;                     // to look up
  uintptr_t sp_;
  uintptr_t fp_;
  StackMemory memory_;
  Link link_ = Link::None();
  uint32_t guessed_ = 0;
  // One word with the counter before it, and so one store.
  uint32_t stack_switches_ : 31 = 0;
  uint32_t lost_sp_ : 1 = 0;  // sp_ is but a lower bound
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_UNWINDER_H_
