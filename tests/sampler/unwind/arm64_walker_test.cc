// SPDX-License-Identifier: MIT
//
// What is different about stacks on arm64: leaves that save nothing, trampolines without unwind
// information, signed return addresses, frame records that do not end their frame.
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>

#include "sampler/unwind/blocked_walker.h"
#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/return_address.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

extern "C" {
void bare_leaf();
// Bytes to be copied, which take a function to call.
extern const char bare_keeper[];
extern const char bare_keeper_end[];
}

// No unwind information at all.
asm(R"(
  .text
  .globl bare_leaf, bare_keeper, bare_keeper_end
  .type bare_leaf, %function
bare_leaf:
  brk #0
  ret
  .type bare_keeper, %function
bare_keeper:
  stp x29, x30, [sp, #-48]!
  mov x29, sp
  blr x0
  ldp x29, x30, [sp], #48
  ret
bare_keeper_end:
)");

namespace stacksampler::unwind {
namespace {

using Visit = std::function<void(const ucontext_t&)>;

const Visit* at_trap = nullptr;

void HandleTrap(int, siginfo_t*, void* data) {
  auto* context = static_cast<ucontext_t*>(data);
  (*at_trap)(*context);
  context->uc_mcontext.pc += 4;  // behind the BRK
}

// Calls `trap`, and `visit` with the context of every BRK that it executes.
void AtTrap(void (*trap)(), const Visit& visit) {
  struct sigaction action = {}, old;
  action.sa_sigaction = HandleTrap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &old);
  at_trap = &visit;
  trap();
  sigaction(SIGTRAP, &old, nullptr);
}

volatile uintptr_t leaf_returns_to = 0;

[[gnu::noinline]] void Leaf() {
  leaf_returns_to = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  asm volatile("brk #0");
}

// Keeps a lot on the stack without a call of its own.
[[gnu::noinline]] void LeafWithRoom() {
  volatile char room[20000];
  room[0] = 1;
  leaf_returns_to = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  asm volatile("brk #0");
  room[19999] = room[0];
}

void CheckLeaf(void (*leaf)(), uintptr_t stack_high) {
  static StackMemo memo;
  AtTrap(leaf, [stack_high](const ucontext_t& context) {
    OurWalk ours;
    Frames peer;
    WalkStack(context, stack_high, &ours.walk);
    WalkByPeer(context, &peer);
    CHECK(Difference(ours.walk, peer) == "");
    CHECK(ours.walk.complete);
    CHECK(ours.walk.guessed == 0);
    CHECK(ours.walk.pcs[0] == context.uc_mcontext.pc);
    CHECK(ours.walk.pcs[1] == leaf_returns_to - 1);
    for (int i = 0; i < 2; ++i) {
      OurWalk again;
      again.walk.memo = &memo;
      WalkStack(context, stack_high, &again.walk);
      CHECK(SameWalk(ours.walk, again.walk));
    }
  });
}

// How many return addresses lie signed on the stack.
size_t CountSigned(const ucontext_t& context, const Walk& walk, uintptr_t stack_high) {
  size_t count = 0;
  for (uintptr_t at = context.uc_mcontext.sp; at < stack_high; at += 8) {
    const uint64_t word = *reinterpret_cast<const uint64_t*>(at);
    const uintptr_t address = arch::StripSignature(word);
    if (address == word) continue;
    count += static_cast<size_t>(std::count(walk.pcs, walk.pcs + walk.depth, address - 1));
  }
  return count;
}

class GeneratedCode {
 public:
  GeneratedCode(const char* begin, const char* end)
      : size_(reinterpret_cast<uintptr_t>(end) - reinterpret_cast<uintptr_t>(begin)) {
    code_ = static_cast<char*>(mmap(nullptr, size_, PROT_READ | PROT_WRITE | PROT_EXEC,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(code_ != MAP_FAILED);
    std::memcpy(code_, begin, size_);
    __builtin___clear_cache(code_, code_ + size_);
  }
  ~GeneratedCode() { munmap(code_, size_); }
  GeneratedCode(const GeneratedCode&) = delete;
  GeneratedCode& operator=(const GeneratedCode&) = delete;

  void Call(void (*call)()) const { reinterpret_cast<void (*)(void (*)())>(code_)(call); }
  bool Holds(uintptr_t pc) const { return pc - reinterpret_cast<uintptr_t>(code_) < size_; }

 private:
  size_t size_;
  char* code_;
};

void VisitAtSignal() {
  AtSignal([](const ucontext_t& context) { (*at_trap)(context); });
}

// Keeps a frame record, and more behind it than that.
[[gnu::noinline, gnu::optimize("no-omit-frame-pointer")]] void CallKeeper(
    const GeneratedCode& keeper) {
  volatile uint64_t room[40];
  room[0] = 0;
  asm volatile("" : : "r"(room) : "memory");
  keeper.Call(VisitAtSignal);
  room[1] = room[0];
}

bool InCallKeeper(uintptr_t pc) {
  const auto begin = reinterpret_cast<uintptr_t>(&CallKeeper);
  constexpr uintptr_t kMostBytes = 128;
  return pc > begin && pc < begin + kMostBytes;
}

}  // namespace

TEST_CASE("arm64 walk: begins in a leaf that has its return address in x30") {
  RefreshTables();
  CheckLeaf(Leaf, StackHigh());
  CheckLeaf(LeafWithRoom, StackHigh());
  CheckLeaf(Leaf, 0);
}

TEST_CASE("arm64 walk: comes through a leaf that a signal interrupted") {
  RefreshTables();
  AtTrap(Leaf, [](const ucontext_t&) {
    AtSignal([](const ucontext_t& inner) {
      OurWalk ours;
      Frames peer;
      WalkStack(inner, StackHigh(), &ours.walk);
      WalkByPeer(inner, &peer);
      CHECK(Difference(ours.walk, peer) == "");
      CHECK(ours.walk.complete);
      uintptr_t* const end = ours.walk.pcs + ours.walk.depth;
      CHECK(std::count(ours.walk.pcs, end, leaf_returns_to - 1) == 1);
    });
  });
}

TEST_CASE("arm64 walk: takes the signatures off return addresses") {
  RefreshTables();
  CallThroughDeepStack(11, [] {
    AtSignal([](const ucontext_t& context) {
      OurWalk ours;
      Frames peer;
      WalkStack(context, StackHigh(), &ours.walk);
      WalkByPeer(context, &peer);
      CHECK(Difference(ours.walk, peer) == "");
      CHECK(CountSigned(context, ours.walk, StackHigh()) > 10);
    });
  });
}

// It looks for a call before x30, which takes a copy of that code: qemu's older versions refuse
// one.
TEST_CASE("arm64 walk: guesses its way out of a leaf without unwind information, and says so") {
  RefreshTables();
  AtTrap(bare_leaf, [](const ucontext_t& context) {
    const uintptr_t caller = context.uc_mcontext.regs[arch::kLinkRegister] - 1;
    const bool may_guess = FollowsCall(caller + 1);
    OurWalk ours;
    WalkStack(context, StackHigh(), &ours.walk);
    CHECK(ours.walk.complete == may_guess);
    CHECK(ours.walk.guessed == (may_guess ? 1 : 0));
    CHECK((ours.walk.depth > 1) == may_guess);
    CHECK((!may_guess || ours.walk.pcs[1] == caller));
  });
}

TEST_CASE("arm64 walk: follows frame records past generated code, and says so") {
  RefreshTables();
  const GeneratedCode keeper(bare_keeper, bare_keeper_end);
  size_t visits = 0;
  const Visit visit = [&](const ucontext_t& context) {
    OurWalk ours;
    WalkStack(context, StackHigh(), &ours.walk);
    uintptr_t* const end = ours.walk.pcs + ours.walk.depth;
    uintptr_t* const found =
        std::find_if(ours.walk.pcs, end, [&](uintptr_t pc) { return keeper.Holds(pc); });
    REQUIRE(found < end - 1);
    CHECK(InCallKeeper(found[1]));
    CHECK(ours.walk.complete);
    CHECK(ours.walk.guessed == 1);
    ++visits;
  };
  at_trap = &visit;
  CallKeeper(keeper);
  CHECK(visits == 1);
}

TEST_CASE("arm64 walk: finds from outside what it finds from inside") {
  RefreshTables();
  StackCopy stack;
  REQUIRE(stack.source() != StackCopy::Source::kNone);
  CallThroughSignals([&stack] {
    AtSignal([&stack](const ucontext_t& context) {
      OurWalk inside;
      OurWalk outside;
      WalkStack(context, StackHigh(), &inside.walk);
      WalkBlocked(context.uc_mcontext.pc, context.uc_mcontext.sp, &stack, &outside.walk);
      CHECK(inside.walk.complete);
      CHECK(outside.walk.depth > 0);
      CHECK(std::equal(outside.walk.pcs, outside.walk.pcs + outside.walk.depth, inside.walk.pcs));
    });
  });
}

}  // namespace stacksampler::unwind
