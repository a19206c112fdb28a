// SPDX-License-Identifier: MIT
//
// How deep a walk reaches below its caller's frame, read from a painted stack.
#include <ucontext.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

constexpr uint8_t kPaint = 0xa5;
constexpr size_t kStackBytes = 65536;
constexpr size_t kMaxWalkBytes = 512;

struct Task {
  const ucontext_t* from;
  uintptr_t stack_high;
  Walk* walk;
  bool does_walk;
};
Task task;

void Run() {
  if (task.does_walk) WalkStack(*task.from, task.stack_high, task.walk);
}

size_t UsedBytes(const Task& wanted) {
  static std::vector<uint8_t> stack;
  stack.assign(kStackBytes, kPaint);
  ucontext_t here, there;
  getcontext(&there);
  there.uc_stack.ss_sp = stack.data();
  there.uc_stack.ss_size = stack.size();
  there.uc_link = &here;
  makecontext(&there, Run, 0);
  task = wanted;
  swapcontext(&here, &there);
  size_t untouched = 0;
  while (stack[untouched] == kPaint) ++untouched;
  return stack.size() - untouched;
}

// Every walk of the deep stacks, tables or not.
size_t MaxWalkBytes() {
  size_t max_bytes = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CallThroughDeepStack(seed, [&] {
      AtSignal([&](const ucontext_t& context) {
        OurWalk ours;
        StackMemo memo;
        ours.walk.memo = &memo;
        const size_t base = UsedBytes({&context, StackHigh(), &ours.walk, false});
        const size_t used = UsedBytes({&context, StackHigh(), &ours.walk, true});
        CHECK(ours.walk.complete);
        max_bytes = std::max(max_bytes, used - base);
      });
    });
  }
  return max_bytes;
}

}  // namespace

TEST_CASE("WalkStack: uses less than 512 bytes of stack with tables") {
  RefreshTables();
  CHECK(MaxWalkBytes() < kMaxWalkBytes);
}

TEST_CASE("WalkStack: uses less than 512 bytes of stack where nothing is tabled yet") {
  RefreshTables();
  const Generation* tables = CurrentGeneration();
  PublishGeneration(nullptr);
  const size_t bytes = MaxWalkBytes();
  PublishGeneration(tables);
  CHECK(bytes < kMaxWalkBytes);
}

}  // namespace stacksampler::unwind
