// SPDX-License-Identifier: MIT
//
// Every allocation of this program is counted.
#include <atomic>
#include <cstddef>

#include "sampler/unwind/deep_stacks.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/peer.h"
#include "sampler/unwind/tables.h"
#include "support/catch.h"

namespace {

std::atomic<size_t> allocations{0};

}  // namespace

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): glibc's
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
// NOLINTEND(bugprone-reserved-identifier)

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
}

namespace stacksampler::unwind {
namespace {

size_t AllocationsOfWalk(const ucontext_t& context, uintptr_t stack_high) {
  OurWalk ours;
  StackMemo memo;
  ours.walk.memo = &memo;
  const size_t before = allocations;
  WalkStack(context, stack_high, &ours.walk);
  const size_t after = allocations;
  CHECK(ours.walk.complete);
  return after - before;
}

}  // namespace

TEST_CASE("WalkStack: allocates nothing, with tables or without") {
  RefreshTables();
  const Generation* tables = CurrentGeneration();
  const size_t at_start = allocations;
  CallThroughDeepStack(5, [&] {
    AtSignal([&](const ucontext_t& context) {
      CHECK(AllocationsOfWalk(context, StackHigh()) == 0);
      CHECK(AllocationsOfWalk(context, 0) == 0);
      PublishGeneration(nullptr);
      CHECK(AllocationsOfWalk(context, StackHigh()) == 0);
      PublishGeneration(tables);
    });
  });
  CHECK(allocations > at_start);  // the checks above allocate: the counter works
}

}  // namespace stacksampler::unwind
