// SPDX-License-Identifier: MIT
#include "sampler/unwind/single_step.h"

#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <sstream>

#include "sampler/unwind/peer.h"
#include "sampler/unwind/untabled.h"

namespace stacksampler::unwind {
namespace {

constexpr greg_t kTrapFlag = 0x100;

struct Code {
  uintptr_t begin = 0;
  uintptr_t size = 0;
};

// The handler interrupts malloc(), among others: nothing here allocates.
struct Steps {
  Tally tally;
  uintptr_t stack_high = 0;
  OurWalk plain;
  OurWalk remembering;
  StackMemo memo;
  StackMemo empty;
  OurWalk before;  // one instruction earlier
  Frames peer;
  uintptr_t different_pc = 0;
  size_t different_frame = 0;
  Code resume;
  Code raise;
};
Steps steps;

size_t FirstDifferent(const Walk& walk) {
  size_t i = 0;
  while (i < walk.depth && i < steps.peer.count && walk.pcs[i] == steps.peer.pcs[i]) ++i;
  return i;
}

bool SameCallers(const Walk& a, const Walk& b) {
  return a.depth == b.depth && std::equal(a.pcs + 1, a.pcs + a.depth, b.pcs + 1);
}

bool IsIn(const Code& code, uintptr_t pc) { return pc - code.begin < code.size; }

// In one of libgcc's functions that change their own saved registers, or called by one.
bool IsThrowing(const Walk& walk) {
  for (size_t i = 0; i < walk.depth; ++i) {
    if (IsIn(steps.resume, walk.pcs[i]) || IsIn(steps.raise, walk.pcs[i])) return true;
  }
  return false;
}

bool IsUnsupported(uintptr_t pc) {
  SideRule side;
  return FindUntabledRule(pc, &side).Is(NoRule::kUnsupported);
}

bool MayMisleadPeer(uintptr_t pc) {
  SideRule side;
  return FindUntabledRule(pc, &side).kind() == RuleKind::kSide && side.rbp == SideRule::Rbp::kAtRbp;
}

void CountDifferent(size_t frame) {
  if (++steps.tally.different > 1) return;
  steps.different_pc = steps.plain.pcs[0];
  steps.different_frame = frame;
}

void WalkWithMemo(const ucontext_t& context, StackMemo* memo) {
  steps.remembering.walk.memo = memo;
  WalkStack(context, steps.stack_high, &steps.remembering.walk);
  if (!SameWalk(steps.remembering.walk, steps.plain.walk)) ++steps.tally.unlike_plain;
}

// Which of the classes it is that walk and peer differ, or that the walk is not whole.
size_t* ClassOf(const Walk& walk) {
  const bool whole = walk.complete && walk.guessed == 0;
  if (!whole && IsThrowing(walk)) return &steps.tally.throwing;
  if (walk.guessed != 0) return &steps.tally.guessed;
  if (IsUnsupported(walk.pcs[walk.depth - 1])) return &steps.tally.switching;
  const uintptr_t peer_end = steps.peer.pcs[steps.peer.count - 1];
  const bool astray = whole && peer_end != walk.pcs[walk.depth - 1];
  return astray ? &steps.tally.peer_astray : nullptr;
}

void Compare(const ucontext_t& context) {
  const Walk& walk = steps.plain.walk;
  if (MayMisleadPeer(walk.pcs[0])) {
    SameCallers(walk, steps.before.walk) ? void(++steps.tally.misleading) : CountDifferent(0);
    return;
  }
  WalkByLibunwind(context, &steps.peer);
  const size_t same = FirstDifferent(walk);
  const bool equal = same == walk.depth && same == steps.peer.count;
  if (walk.guessed != 0 && equal) ++steps.tally.guessed_alike;
  if (equal && walk.guessed == 0) {
    ++steps.tally.equal;
  } else if (size_t* found = ClassOf(walk)) {
    ++*found;
  } else {
    CountDifferent(same);
  }
}

void OnStep(int, siginfo_t*, void* context) {
  const auto& interrupted = *static_cast<const ucontext_t*>(context);
  const Walk& walk = steps.plain.walk;
  WalkStack(interrupted, steps.stack_high, &steps.plain.walk);
  steps.empty.Clear();
  WalkWithMemo(interrupted, &steps.empty);
  WalkWithMemo(interrupted, &steps.memo);
  steps.tally.incomplete += walk.complete ? 0 : 1;
  Compare(interrupted);
  std::copy(walk.pcs, walk.pcs + walk.depth, steps.before.pcs);
  steps.before.walk.depth = walk.depth;
}

void Toggle(int, siginfo_t*, void* context) {
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] ^= kTrapFlag;
}

Code CodeOf(const char* function) {
  Dl_info info;
  ElfW(Sym)* symbol = nullptr;
  void* address = dlsym(RTLD_DEFAULT, function);
  if (dladdr1(address, &info, reinterpret_cast<void**>(&symbol), RTLD_DL_SYMENT) == 0) return {};
  return {reinterpret_cast<uintptr_t>(address), symbol->st_size};
}

std::string FirstDifference() {
  if (steps.tally.different == 0) return "";
  std::ostringstream out;
  out << "pc 0x" << std::hex << steps.different_pc << ", frame " << std::dec
      << steps.different_frame;
  return out.str();
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  equal += other.equal;
  different += other.different;
  guessed += other.guessed;
  misleading += other.misleading;
  throwing += other.throwing;
  peer_astray += other.peer_astray;
  switching += other.switching;
  guessed_alike += other.guessed_alike;
  incomplete += other.incomplete;
  unlike_plain += other.unlike_plain;
  if (first_different.empty()) first_different = other.first_different;
  return *this;
}

Tally SingleStep(uintptr_t stack_high, const std::function<void()>& body) {
  struct sigaction step = {}, toggle = {}, old_step, old_toggle;
  step.sa_sigaction = OnStep;
  toggle.sa_sigaction = Toggle;
  step.sa_flags = toggle.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &step, &old_step);
  sigaction(SIGUSR1, &toggle, &old_toggle);
  steps.tally = Tally();
  steps.stack_high = stack_high;
  steps.resume = CodeOf("_Unwind_Resume");
  steps.raise = CodeOf("_Unwind_RaiseException");
  raise(SIGUSR1);
  body();
  raise(SIGUSR1);
  sigaction(SIGTRAP, &old_step, nullptr);
  sigaction(SIGUSR1, &old_toggle, nullptr);
  steps.tally.first_different = FirstDifference();
  return steps.tally;
}

}  // namespace stacksampler::unwind
