// SPDX-License-Identifier: MIT
#include "bench_stack.h"

#include <cstdio>
#include <cstdlib>

#include "sampler/unwind/deep_stacks.h"

namespace stacksampler::bench {
namespace {

constexpr unsigned kMostSeeds = 100;
constexpr int kMostFrames = 8;

using Leaf = std::function<void(const ucontext_t&)>;

// True when that made the stack that was wanted, and `leaf` was called on it.
bool TryStack(unsigned seed, int more_frames, OurHandler* ours, const Leaf& leaf) {
  bool called = false;
  const auto call = [&] {
    ucontext_t context;
    getcontext(&context);
    called = ours->Walk(context) == kBenchFrames;
    if (called) leaf(context);
  };
  unwind::CallThroughRecursion(more_frames, [&] { unwind::CallThroughDeepStack(seed, call); });
  return called;
}

}  // namespace

// How many frames a compiler makes of the calls is its own affair: takes the first that fits.
void CallOnBenchStack(OurHandler* ours, const Leaf& leaf) {
  for (unsigned seed = 1; seed <= kMostSeeds; ++seed) {
    for (int more = 0; more < kMostFrames; ++more) {
      if (TryStack(seed, more, ours, leaf)) return;
    }
  }
  std::fprintf(stderr, "no stack of %zu frames\n", kBenchFrames);
  std::exit(1);
}

}  // namespace stacksampler::bench
