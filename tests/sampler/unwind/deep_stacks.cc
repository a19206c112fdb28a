// SPDX-License-Identifier: MIT
#include "sampler/unwind/deep_stacks.h"

#include <alloca.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace stacksampler::unwind {
namespace {

using Leaf = std::function<void()>;

constexpr int kShapes = 6;
constexpr int kDepth = 14;  // calls of a shape, each two frames or more

const Leaf* current_leaf = nullptr;

template <typename T>
void Keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

void Descend(unsigned seed, int depth, const Leaf& leaf);

template <int kSaved>
[[gnu::noinline]] void SaveRegisters(unsigned seed, int depth, const Leaf& leaf) {
  uint64_t values[kSaved];
  for (int i = 0; i < kSaved; ++i) values[i] = seed * 2654435761u + static_cast<unsigned>(i);
  Keep(values);
  Descend(seed, depth, leaf);
  Keep(values);
}

[[gnu::noinline]] void Alloca(unsigned seed, int depth, const Leaf& leaf) {
  const size_t size = 16 + seed % 256;
  char* room = static_cast<char*>(alloca(size));
  std::memset(room, 1, size);
  Keep(*room);
  Descend(seed, depth, leaf);
  Keep(*room);
}

[[gnu::noinline]] void Realigned(unsigned seed, int depth, const Leaf& leaf) {
  alignas(64) char room[192];
  std::memset(room, 2, sizeof room);
  Keep(room);
  Descend(seed, depth, leaf);
  Keep(room);
}

// Realigned and of varying size: the compiler keeps both a dynamic realign argument pointer (DRAP)
// and a frame pointer.
[[gnu::noinline]] void RealignedAlloca(unsigned seed, int depth, const Leaf& leaf, long a, long b,
                                       long c, long d, ...) {
  alignas(64) char room[64];
  const size_t size = 16 + seed % 128;
  char* more = static_cast<char*>(alloca(size));
  std::memset(more, static_cast<int>(a + b + c + d), size);
  Keep(room);
  Keep(*more);
  Descend(seed, depth, leaf);
  Keep(room);
}

[[gnu::noinline]] void Function(unsigned seed, int depth, const Leaf& leaf) {
  const std::function<void(int)> call = [seed, &leaf](int n) { Descend(seed, n, leaf); };
  Keep(call);
  call(depth);
  Keep(call);
}

struct SortCall {
  unsigned seed;
  int depth;
  const Leaf* leaf;
};
SortCall* sort_call = nullptr;

int Compare(const void* a, const void* b) {
  if (SortCall* call = sort_call) {
    sort_call = nullptr;
    Descend(call->seed, call->depth, *call->leaf);
  }
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

[[gnu::noinline]] void Sort(unsigned seed, int depth, const Leaf& leaf) {
  int values[] = {3, 1, 2, static_cast<int>(seed % 5)};
  SortCall call{seed, depth, &leaf};
  sort_call = &call;  // until the first comparison
  std::qsort(values, sizeof values / sizeof *values, sizeof *values, Compare);
  sort_call = nullptr;
  Keep(values);
}

void Descend(unsigned seed, int depth, const Leaf& leaf) {
  if (depth == 0) return leaf();
  const unsigned next = seed * 1103515245u + 12345u;
  switch ((next >> 16) % kShapes) {
    case 0:
      return SaveRegisters<3>(next, depth - 1, leaf);
    case 1:
      return Alloca(next, depth - 1, leaf);
    case 2:
      return Realigned(next, depth - 1, leaf);
    case 3:
      return RealignedAlloca(next, depth - 1, leaf, 1, 2, 3, 4, 5, 6);
    case 4:
      return Function(next, depth - 1, leaf);
    default:
      return Sort(next, depth - 1, leaf);
  }
}

[[gnu::noinline]] int Recurse(int depth, const Leaf& leaf) {
  if (depth == 0) {
    leaf();
    return 0;
  }
  const int result = Recurse(depth - 1, leaf) + depth;
  Keep(result);
  return result;
}

void InnerHandler(int) { (*current_leaf)(); }

// As raise(), which blocks signals on its way: none could come then that is not merely pending.
void Send(int signal) { syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal); }

void OuterHandler(int) { Send(SIGUSR2); }

}  // namespace

void CallThroughDeepStack(unsigned seed, const Leaf& leaf) { Descend(seed, kDepth, leaf); }

void CallThroughRecursion(int depth, const Leaf& leaf) { Keep(Recurse(depth, leaf)); }

void CallThroughSignals(const Leaf& leaf) {
  struct sigaction inner = {}, outer = {}, old_inner, old_outer;
  inner.sa_handler = InnerHandler;
  outer.sa_handler = OuterHandler;
  current_leaf = &leaf;
  sigaction(SIGUSR2, &inner, &old_inner);
  sigaction(SIGURG, &outer, &old_outer);
  CallThroughDeepStack(7, [] { Send(SIGURG); });
  sigaction(SIGUSR2, &old_inner, nullptr);
  sigaction(SIGURG, &old_outer, nullptr);
}

int Churn(unsigned seed) {
  int sum = 0;
  CallThroughDeepStack(seed, [&sum, seed] {
    const std::string text = std::to_string(seed) + " is a text too long to stay inline";
    sum += static_cast<int>(std::strtol(text.c_str(), nullptr, 10));
    sum += static_cast<int>(std::strlen(std::getenv("PATH") != nullptr ? "yes" : "no"));
  });
  return sum;
}

}  // namespace stacksampler::unwind
