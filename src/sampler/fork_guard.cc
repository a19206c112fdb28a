// SPDX-License-Identifier: MIT
#include "sampler/fork_guard.h"

#include <pthread.h>

#include <csignal>
#include <mutex>

namespace stacksampler::sampling {
namespace {

ForkHooks fork_hooks;
thread_local sigset_t mask_before_fork;

// Kernels that restart an interrupted fork from its beginning never finish a long one under a fast
// timer.
void Prepare() {
  sigset_t sigprof;
  sigemptyset(&sigprof);
  sigaddset(&sigprof, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &sigprof, &mask_before_fork);
  fork_hooks.before();
}

void InParent() {
  fork_hooks.in_parent();
  pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
}

void InChild() {
  fork_hooks.in_child();
  pthread_sigmask(SIG_SETMASK, &mask_before_fork, nullptr);
}

}  // namespace

void InstallForkGuard(const ForkHooks& hooks) {
  static std::once_flag once;
  std::call_once(once, [&hooks] {
    fork_hooks = hooks;
    pthread_atfork(Prepare, InParent, InChild);
  });
}

}  // namespace stacksampler::sampling
