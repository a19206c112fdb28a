// SPDX-License-Identifier: MIT
//
// Purpose: the kinds of threads that have broken profilers. Each turns a few hundred microseconds
//   of work; a turn that fails throws.
// Thread safety: any thread may make any turn.
#ifndef STACKSAMPLER_TESTS_GUEST_TORTURE_KINDS_H_
#define STACKSAMPLER_TESTS_GUEST_TORTURE_KINDS_H_

#include <vector>

namespace stacksampler::torture {

struct Kind {
  const char* name;
  int threads;
  void (*turn)(int thread);  // `thread`: its number among its kind
};

/// Their threads sum up to kThreads.
const std::vector<Kind>& Kinds();

/// Some arithmetic in a few frames.
void Work(int rounds);

// ---- The loader and the heap (code_kinds.cc).
/// dlopen, a throw through the plugin, dlclose. Each thread has a plugin of its own, which really
/// goes.
void LoadPlugin(int thread);
void ListModules(int thread);
void ThrowDeep(int thread);
void Allocate(int thread);

// ---- Processes (process_kinds.cc).
void ForkChild(int thread);
void ExecChild(int thread);

// ---- Threads (thread_kinds.cc).
void ChurnThreads(int thread);
void SmallStack(int thread);
void BlockSigprof(int thread);

// ---- Stacks that are not a thread's, and leaps between them (stack_kinds.cc).
void SwitchCoroutines(int thread);
void HandleOnAlternateStack(int thread);
void LeapOutOfHandler(int thread);
void LeapOutOfFault(int thread);

}  // namespace stacksampler::torture

#endif  // STACKSAMPLER_TESTS_GUEST_TORTURE_KINDS_H_
