// SPDX-License-Identifier: MIT
//
// Every instruction is a place where a signal may come: prologues, epilogues, linkage tables, the
// C library's assembly. The processor's trap flag visits them all.
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "sampler/unwind/untabled.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr greg_t kTrapFlag = 0x100;

struct Steps {
  size_t all = 0;
  size_t without_peer = 0;
  size_t incomplete = 0;
  size_t guessed = 0;
  size_t different = 0;
  uintptr_t first_different_pc = 0;
  size_t first_different_frame = 0;
};

// The handler interrupts malloc(), among others: nothing here allocates.
Steps steps;
uintptr_t stack_high;
OurWalk ours;
OurWalk before;  // one instruction earlier
Frames peer;

size_t FirstDifferent(const Walk& walk) {
  size_t i = 0;
  while (i < walk.depth && i < peer.count && walk.pcs[i] == peer.pcs[i]) ++i;
  return i;
}

bool SameCallers(const Walk& a, const Walk& b) {
  return a.depth == b.depth && std::equal(a.pcs + 1, a.pcs + a.depth, b.pcs + 1);
}

void RememberCallers() {
  std::copy(ours.pcs, ours.pcs + ours.walk.depth, before.pcs);
  before.walk.depth = ours.walk.depth;
}

// GCC's unwind information is wrong behind the "pop %rbp" of realigned frames: libunwind goes
// astray there, and may crash. Around such places we are held against our walk one instruction
// earlier.
bool MayMisleadPeer(uintptr_t pc) {
  SideRule side;
  return FindUntabledRule(pc, &side).kind() == RuleKind::kSide && side.fp == SideRule::Fp::kAtFp;
}

void CountDifference(size_t frame) {
  if (++steps.different > 1) return;
  steps.first_different_pc = ours.pcs[0];
  steps.first_different_frame = frame;
}

void OnStep(int, siginfo_t*, void* context) {
  const auto& interrupted = *static_cast<const ucontext_t*>(context);
  ++steps.all;
  WalkStack(interrupted, stack_high, &ours.walk);
  if (ours.walk.guessed != 0) ++steps.guessed;
  if (!ours.walk.complete) ++steps.incomplete;
  if (MayMisleadPeer(ours.pcs[0])) {
    ++steps.without_peer;
    if (!SameCallers(ours.walk, before.walk)) CountDifference(0);
  } else {
    WalkByLibunwind(interrupted, &peer);
    const size_t same = FirstDifferent(ours.walk);
    if (same != ours.walk.depth || same != peer.count) CountDifference(same);
  }
  RememberCallers();
}

void Toggle(int, siginfo_t*, void* context) {
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] ^= kTrapFlag;
}

template <typename Body>
Steps SingleStep(const Body& body) {
  struct sigaction step = {}, toggle = {}, old_step, old_toggle;
  step.sa_sigaction = OnStep;
  toggle.sa_sigaction = Toggle;
  step.sa_flags = toggle.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &step, &old_step);
  sigaction(SIGUSR1, &toggle, &old_toggle);
  steps = Steps();
  stack_high = StackHigh();
  raise(SIGUSR1);
  body();
  raise(SIGUSR1);
  sigaction(SIGTRAP, &old_step, nullptr);
  sigaction(SIGUSR1, &old_toggle, nullptr);
  return steps;
}

}  // namespace

TEST_CASE("WalkStack: agrees with libunwind at every instruction") {
  RefreshTables();
  const auto body = [] {
    int sum = 0;
    for (unsigned seed = 1; seed <= 4; ++seed) sum += Churn(seed);
    return sum;
  };
  const int sum = body();  // binds what it calls
  int sum_in_steps = 0;
  const Steps seen = SingleStep([&] { sum_in_steps = body(); });
  INFO("first at pc 0x" << std::hex << seen.first_different_pc << ", frame " << std::dec
                        << seen.first_different_frame);
  CHECK(sum_in_steps == sum);
  CHECK(seen.all > 5000);
  CHECK(seen.different == 0);
  CHECK(seen.guessed == 0);
  CHECK(seen.incomplete == 0);
  CHECK(seen.without_peer < seen.all / 20);
}

}  // namespace stacksampler::unwind
