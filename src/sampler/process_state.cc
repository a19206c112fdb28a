// SPDX-License-Identifier: MIT
#include "sampler/process_state.h"

#include <new>
#include <utility>

#include "sampler/fork_guard.h"

namespace stacksampler::sampling {
namespace {

alignas(ProcessState) unsigned char storage[sizeof(ProcessState)];

// What this thread's fork holds.
thread_local bool holds_process = false;
thread_local bool stands_still = false;

void BeforeFork() {
  ProcessState& process = TheProcess();
  holds_process = process.lock.try_lock_for(kForkPatience);
  stands_still =
      holds_process && (process.active == nullptr || process.active->HoldStill(kForkPatience));
}

void InParent() {
  ProcessState& process = TheProcess();
  if (stands_still && process.active != nullptr) process.active->Resume();
  if (holds_process) process.lock.unlock();
}

void InChild() {
  ProcessState& process = TheProcess();
  SamplerCore* const active = std::exchange(process.active, nullptr);
  if (active != nullptr) active->AbandonInForkedChild(stands_still);
  if (stands_still) {
    process.running.reset();
    process.lock.unlock();
  } else {
    // Its lock is another thread's, and there is no other thread here.
    (new (storage) ProcessState)->lost_in_fork = true;
  }
}

}  // namespace

ProcessState& TheProcess() {
  static ProcessState* const process = new (storage) ProcessState;
  return *process;
}

void FollowForks() { InstallForkGuard({BeforeFork, InParent, InChild}); }

}  // namespace stacksampler::sampling
