// SPDX-License-Identifier: MIT
#include "stacksampler/thread.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <mutex>

#include "sampler/process_state.h"

namespace stacksampler {
namespace {

// A drain may wait for the loader's lock, which the thread that created this one and waits for it
// may hold.
constexpr std::chrono::milliseconds kPatience{10};

// What the host wants of this thread, a signal's handler or its cancellation, waits until no lock
// of ours is held.
class Undisturbed {
 public:
  Undisturbed() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask_);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state_);
  }
  ~Undisturbed() {
    pthread_setcancelstate(cancel_state_, nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

  /// A thread that blocks SIGPROF is not sampled; the sampler's own, which Start() waits for, is
  /// one of them.
  [[nodiscard]] bool sampled() const { return sigismember(&mask_, SIGPROF) == 0; }

 private:
  sigset_t mask_{};
  int cancel_state_ = 0;
};

template <typename Tell>
void TellSampler(Tell tell) {
  const Undisturbed undisturbed;
  if (!undisturbed.sampled()) return;
  sampling::ProcessState& process = sampling::TheProcess();
  try {
    const std::unique_lock lock(process.lock, kPatience);
    const bool runs = lock.owns_lock() && process.active != nullptr && !process.active->abandoned();
    if (runs) tell(process.active);
  } catch (const std::exception&) {
    // Out of memory. The thread is found, and its end seen, by the next drain.
  }
}

}  // namespace

void RegisterThread() {
  TellSampler([](sampling::SamplerCore* core) { core->AdmitThread(gettid(), kPatience); });
}

void UnregisterThread() {
  TellSampler([](sampling::SamplerCore* core) { core->NoteLeaving(gettid(), kPatience); });
}

}  // namespace stacksampler
