// SPDX-License-Identifier: MIT
#include "sampler/unwind/stack_memo.h"

#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/recall.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr uintptr_t kWord = 8;

// Walks with what `memo` remembers, and without; true when both found the same.
bool MemoAgrees(const ucontext_t& context, uintptr_t stack_high, StackMemo* memo) {
  OurWalk plain;
  OurWalk remembering;
  remembering.walk.memo = memo;
  WalkStack(context, stack_high, &plain.walk);
  WalkStack(context, stack_high, &remembering.walk);
  return SameWalk(plain.walk, remembering.walk);
}

uintptr_t StackPointer(const ucontext_t& context) {
  return arch::Value(arch::RegistersOf(context), arch::kSp);
}

// A generation in which the given addresses are said to be roots. All else is as it was.
class WithRoots {
 public:
  WithRoots(const uintptr_t* first, const uintptr_t* last, uint64_t number_more)
      : before_(CurrentGeneration()), cache_(std::make_unique<RuleCache>()), altered_(*before_) {
    for (; first != last; ++first) cache_->Store(*first, Rule(RuleKind::kRoot, 0, 0));
    altered_.cache = cache_.get();
    altered_.number += number_more;
    PublishGeneration(&altered_);
  }
  ~WithRoots() { PublishGeneration(before_); }
  WithRoots(const WithRoots&) = delete;
  WithRoots& operator=(const WithRoots&) = delete;

 private:
  const Generation* before_;
  std::unique_ptr<RuleCache> cache_;
  Generation altered_;
};

}  // namespace

TEST_CASE("StackMemo: changes nothing in a walk, whatever stack came before") {
  RefreshTables();
  StackMemo memo;
  size_t different = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CallThroughDeepStack(seed % 7 == 0 ? seed / 7 : seed, [&] {
      AtSignal([&](const ucontext_t& context) {
        different += MemoAgrees(context, StackHigh(), &memo) ? 0 : 1;
        different += MemoAgrees(context, StackHigh(), &memo) ? 0 : 1;
      });
    });
    if (seed % 16 != 0) continue;
    CallThroughSignals([&] {
      AtSignal([&](const ucontext_t& context) {
        different += MemoAgrees(context, StackHigh(), &memo) ? 0 : 1;
      });
    });
  }
  CHECK(different == 0);
}

TEST_CASE("StackMemo: changes nothing in stacks that grow beyond the cap and shrink again") {
  RefreshTables();
  StackMemo memo;
  for (const int depth : {3, 40, 250, 240, 251, 256, 300, 1000, 301, 200, 10, 255, 256, 257}) {
    CallThroughRecursion(depth, [&] {
      AtSignal([&](const ucontext_t& context) {
        CHECK(MemoAgrees(context, StackHigh(), &memo));
        CHECK(MemoAgrees(context, StackHigh(), &memo));
      });
    });
  }
}

TEST_CASE("StackMemo: sees every word of the stack that has changed") {
  constexpr uintptr_t kBytes = 32768;
  RefreshTables();
  // Not on the stack that is changed.
  static StackMemo memo;
  static size_t different = 0;
  static size_t words = 0;
  const auto try_changes = [](const ucontext_t& context) {
    const uintptr_t high = StackHigh();
    const uintptr_t low = StackPointer(context);
    for (uintptr_t at = low; at < std::min(low + kBytes, high - kWord); at += kWord) {
      auto* word = reinterpret_cast<volatile uintptr_t*>(at);
      const uintptr_t before = *word;
      for (const uintptr_t changed : {before + 16, before ^ 1, uintptr_t{0}, word[1]}) {
        OurWalk prime;
        prime.walk.memo = &memo;
        WalkStack(context, high, &prime.walk);
        *word = changed;
        const bool agrees = MemoAgrees(context, high, &memo);
        *word = before;
        different += agrees ? 0 : 1;
      }
      ++words;
    }
  };
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CallThroughDeepStack(seed, [&] { AtSignal(try_changes); });
  }
  CHECK(words > 1000);
  CHECK(different == 0);
}

TEST_CASE("StackMemo: is followed without looking up a rule") {
  RefreshTables();
  StackMemo memo;
  CallThroughDeepStack(5, [&] {
    AtSignal([&](const ucontext_t& context) {
      OurWalk first;
      OurWalk second;
      first.walk.memo = second.walk.memo = &memo;
      WalkStack(context, StackHigh(), &first.walk);
      REQUIRE(first.walk.depth > 20);
      std::copy(first.walk.pcs, first.walk.pcs + first.walk.depth, first.pcs);
      first.walk.pcs = first.pcs;  // the memo's may change
      // Whoever looked one of these up would end there.
      const WithRoots roots(first.walk.pcs, first.walk.pcs + first.walk.depth - 1, 0);
      WalkStack(context, StackHigh(), &second.walk);
      CHECK(SameWalk(first.walk, second.walk));
    });
  });
}

TEST_CASE("StackMemo: dies with the generation of its tables") {
  RefreshTables();
  StackMemo memo;
  CallThroughDeepStack(5, [&] {
    AtSignal([&](const ucontext_t& context) {
      OurWalk first;
      OurWalk second;
      first.walk.memo = second.walk.memo = &memo;
      WalkStack(context, StackHigh(), &first.walk);
      REQUIRE(first.walk.depth > 10);
      const WithRoots root(first.walk.pcs + 7, first.walk.pcs + 8, 1);
      WalkStack(context, StackHigh(), &second.walk);
      CHECK(second.walk.depth == 8);
    });
  });
}

TEST_CASE("StackMemo: loads nothing beyond bounds that have changed") {
  RefreshTables();
  StackMemo memo;
  CallThroughDeepStack(9, [&] {
    AtSignal([&](const ucontext_t& context) {
      const uintptr_t high = StackHigh();
      const uintptr_t low = StackPointer(context);
      size_t different = 0;
      for (uintptr_t end = low; end < low + 4096; end += kWord) {
        OurWalk prime;
        prime.walk.memo = &memo;
        WalkStack(context, high, &prime.walk);
        different += MemoAgrees(context, end, &memo) ? 0 : 1;
      }
      CHECK(different == 0);
      CHECK(MemoAgrees(context, 0, &memo));
    });
  });
}

TEST_CASE("StackMemo: is empty after a walk that was jumped out of") {
  RefreshTables();
  StackMemo memo;
  CallThroughDeepStack(5, [&] {
    AtSignal([&](const ucontext_t& context) {
      OurWalk first;
      OurWalk second;
      first.walk.memo = second.walk.memo = &memo;
      WalkStack(context, StackHigh(), &first.walk);
      const Recall never_finished(&memo, CurrentGeneration()->number, StackHigh());
      const WithRoots root(first.walk.pcs + 7, first.walk.pcs + 8, 0);
      WalkStack(context, StackHigh(), &second.walk);
      CHECK(second.walk.depth == 8);
    });
  });
}

}  // namespace stacksampler::unwind
