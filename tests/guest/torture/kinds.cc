// SPDX-License-Identifier: MIT
#include "guest/torture/kinds.h"

namespace stacksampler::torture {
namespace {

volatile unsigned sink = 0;

// The addition behind the call keeps it a call.
__attribute__((noinline)) unsigned Mix(unsigned depth, unsigned value) {
  constexpr unsigned kFactor = 2654435761U;
  if (depth == 0) return value * kFactor;
  return Mix(depth - 1, value * kFactor) + depth;
}

}  // namespace

void Work(int rounds) {
  constexpr unsigned kDepth = 6;
  for (int i = 0; i < rounds; ++i) sink = sink + Mix(kDepth, static_cast<unsigned>(i));
}

const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>{
      {"dlopen", 4, LoadPlugin},
      {"dl_iterate_phdr", 2, ListModules},
      {"throw", 12, ThrowDeep},
      {"malloc", 8, Allocate},
      {"fork", 2, ForkChild},
      {"exec", 2, ExecChild},
      {"churn", 4, ChurnThreads},
      {"small-stack", 6, SmallStack},
      {"blocked", 2, BlockSigprof},
      {"coroutine", 8, SwitchCoroutines},
      {"altstack", 6, HandleOnAlternateStack},
      {"longjmp", 6, LeapOutOfHandler},
      {"fault", 2, LeapOutOfFault},
  };
  return kinds;
}

}  // namespace stacksampler::torture
