// SPDX-License-Identifier: MIT
//
// Purpose: the one running sampler of a process, across fork().
// Thread safety: members of ProcessState under its lock.
// Signal safety: not async-signal-safe.
//
// A fork finds the sampler standing still, so that its child can start one of its own. The wait for
//   that is bounded: a thread that forks while it loads a library may hold what a drain waits for.
//   The child of a fork that gave up cannot sample, and is otherwise unharmed.
#ifndef STACKSAMPLER_SAMPLER_PROCESS_STATE_H_
#define STACKSAMPLER_SAMPLER_PROCESS_STATE_H_

#include <chrono>
#include <memory>
#include <mutex>

#include "sampler/sampler_core.h"
#include "stacksampler/sampler.h"

namespace stacksampler::sampling {

inline constexpr std::chrono::milliseconds kForkPatience{1000};

struct ProcessState {
  std::timed_mutex lock;
  SamplerCore* active = nullptr;  // from a successful Begin() to End()
  std::weak_ptr<Sampler> running;
  bool lost_in_fork = false;
};

/// Never destroyed: a sampler may run until the very end of the process.
ProcessState& TheProcess();

/// Has the state followed through every fork from now on.
void FollowForks();

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_PROCESS_STATE_H_
