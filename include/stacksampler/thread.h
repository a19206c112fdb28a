// SPDX-License-Identifier: MIT
//
// Purpose: optional words of a thread that it begins and ends. The sampler finds every thread by
//   itself, at the next look at /proc; one that lives shorter than SamplerOptions::drain_interval
//   is sampled only when it says so. Programs need not: libstacksampler_threads.so, linked or
//   preloaded, says it for each thread that pthread_create makes.
// Thread safety: each call speaks of the calling thread only. Cheap and harmless when no sampler
//   runs, when one is started or stopped meanwhile, and when called twice.
// Signal safety: not async-signal-safe.
// Errors: none. A call that would have to wait for the sampler gives up after 10 ms; the thread is
//   then found as all others are.
#ifndef STACKSAMPLER_THREAD_H_
#define STACKSAMPLER_THREAD_H_

#include "stacksampler/export.h"

namespace stacksampler {

/// From here on the calling thread is sampled.
STACKSAMPLER_EXPORT void RegisterThread();

/// The calling thread is about to end: what it has used by now is kept under its name. A thread
/// that goes on nevertheless is still sampled.
STACKSAMPLER_EXPORT void UnregisterThread();

/// For the first line of a thread's function.
class ThreadGuard {
 public:
  ThreadGuard() { RegisterThread(); }
  ~ThreadGuard() { UnregisterThread(); }
  ThreadGuard(const ThreadGuard&) = delete;
  ThreadGuard& operator=(const ThreadGuard&) = delete;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_THREAD_H_
