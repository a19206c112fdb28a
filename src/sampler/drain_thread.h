// SPDX-License-Identifier: MIT
//
// Purpose: the background thread "stacksampler": calls a function at an interval, with all signals
//   blocked.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: a function that throws a std::exception is called again at the next interval.
#ifndef STACKSAMPLER_SAMPLER_DRAIN_THREAD_H_
#define STACKSAMPLER_SAMPLER_DRAIN_THREAD_H_

#include <pthread.h>
#include <semaphore.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <random>

#include "stacksampler/status.h"

namespace stacksampler::sampling {

// Not a std::thread with a condition variable: destroying those in the child of a fork, where the
// thread does not exist, would abort or hang.
class DrainThread {
 public:
  enum class Pace {
    kEven,
    kRandom,  // from half the interval to one and a half: in step with nobody
  };

  DrainThread(std::chrono::milliseconds interval, Pace pace, std::function<void()> tick);
  DrainThread(const DrainThread&) = delete;
  DrainThread& operator=(const DrainThread&) = delete;
  ~DrainThread();

  Status Start();
  /// The next tick comes at once.
  void Wake();
  /// Waits for the end of a tick that is under way.
  void StopAndJoin();
  /// Kernel thread id; 0 before Start().
  [[nodiscard]] pid_t tid() const { return tid_; }

 private:
  static void* Main(void* self);
  void Run();
  void TickOnce();

  std::chrono::milliseconds NextInterval();

  std::chrono::milliseconds interval_;
  Pace pace_;
  std::minstd_rand random_;
  std::function<void()> tick_;
  pthread_t thread_{};
  pid_t tid_ = 0;
  sem_t started_;
  sem_t wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> woken_{false};  // wake_ was posted, and the tick for it has not begun
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_DRAIN_THREAD_H_
