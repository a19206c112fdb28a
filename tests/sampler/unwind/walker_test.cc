// SPDX-License-Identifier: MIT
#include "sampler/unwind/walker.h"

#include <signal.h>
#include <ucontext.h>

#include <cstdint>
#include <functional>
#include <string>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

// Walks from a signal raised here, by us and by the peer.
struct Comparison {
  explicit Comparison(uintptr_t stack_high) {
    AtSignal([&](const ucontext_t& context) {
      WalkStack(context, stack_high, &ours.walk);
      WalkByPeer(context, &peer);
    });
  }

  OurWalk ours;
  Frames peer;
};

void CheckEqual(const Comparison& compared) {
  CHECK(Difference(compared.ours.walk, compared.peer) == "");
  CHECK(compared.ours.walk.complete);
  CHECK(compared.ours.walk.guessed == 0);
}

}  // namespace

TEST_CASE("WalkStack: finds the frames that its peer finds, whatever their shape") {
  RefreshTables();
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CallThroughDeepStack(seed, [] { CheckEqual(Comparison(StackHigh())); });
  }
}

TEST_CASE("WalkStack: walks through signal frames to the root") {
  RefreshTables();
  CallThroughSignals([] { CheckEqual(Comparison(StackHigh())); });
}

TEST_CASE("WalkStack: probes a stack of unknown bounds and finds the same") {
  RefreshTables();
  CallThroughDeepStack(3, [] { CheckEqual(Comparison(0)); });
  CallThroughSignals([] { CheckEqual(Comparison(0)); });
}

TEST_CASE("WalkStack: keeps both ends of a stack deeper than its cap") {
  RefreshTables();
  for (const int depth : {180, 230, 250, 300, 319, 1000}) {
    CallThroughRecursion(depth, [depth] {
      const Comparison compared(StackHigh());
      CheckEqual(compared);
      if (depth >= static_cast<int>(kMaxFrames)) {
        CHECK(compared.ours.walk.depth == kMaxFrames);
        CHECK(compared.ours.walk.omitted == compared.peer.count - kMaxFrames);
      }
    });
  }
}

TEST_CASE("WalkStack: gives up on endless recursion and says so") {
  RefreshTables();
  CallThroughRecursion(40000, [] {
    OurWalk ours;
    AtSignal([&](const ucontext_t& context) { WalkStack(context, StackHigh(), &ours.walk); });
    CHECK_FALSE(ours.walk.complete);
    CHECK(ours.walk.depth == kMaxFrames);
    CHECK(ours.walk.omitted > 10000);
  });
}

}  // namespace stacksampler::unwind
