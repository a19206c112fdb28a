// SPDX-License-Identifier: MIT
//
// Purpose: the threads that are sampled: found in /proc/self/task, each with a slot and a timer.
// Thread safety: outside locking (the drain lock); handlers run beside it.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_THREAD_REGISTRY_H_
#define STACKSAMPLER_SAMPLER_THREAD_REGISTRY_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "sampler/cpu_timer.h"
#include "sampler/handler/thread_slot.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

/// Weight that stands under "[unsampled]" for some CPU time, and under which name.
struct Unsampled {
  uint32_t name = 0;  // a NameId
  int64_t weight = 0;
};

struct SampledThread {
  pid_t tid = 0;
  std::string name;
  ThreadSlot* slot = nullptr;  // null: seen, but no signals
  CpuTimer timer;
  bool timer_failed = false;
  bool stack_looked_up = false;

  // CPU time that this thread's weights have to cover is cpu_ns - cpu_base_ns.
  int64_t cpu_base_ns = 0;
  int64_t cpu_ns = 0;
  SlotCounters counted;  // as of the last drain
  Unsampled unsampled;
  uint64_t active_drains = 0;
};

class ThreadRegistry {
 public:
  explicit ThreadRegistry(const SamplerOptions& options);
  ~ThreadRegistry() { Clear(); }
  ThreadRegistry(const ThreadRegistry&) = delete;
  ThreadRegistry& operator=(const ThreadRegistry&) = delete;

  /// Arms new threads. Returns those that have ended; they stay listed until Remove().
  Result<std::vector<pid_t>> Scan();
  void Remove(pid_t tid);
  /// This thread blocks SIGPROF and so gets no timer.
  void ExemptOwnThread(pid_t tid) { own_tid_ = tid; }
  /// Lets the walks of threads that were sampled for the first time do without probing.
  void LookUpStacks();

  /// No new signal comes after this; those on their way still find their slots. The first timer
  /// that the kernel would not delete is named, and may go on.
  Status DeleteTimers();
  /// Timers too. Slots go back to the pool.
  void Clear();
  /// In the child of a fork, where no timer and no other thread exists.
  void ForgetTimers();

  [[nodiscard]] std::map<pid_t, SampledThread>& threads() { return threads_; }
  [[nodiscard]] const std::map<pid_t, SampledThread>& threads() const { return threads_; }
  [[nodiscard]] uint64_t threads_seen() const { return threads_seen_; }
  [[nodiscard]] uint64_t timer_failures() const { return timer_failures_; }
  /// Of the first timer that the kernel refused.
  [[nodiscard]] const Status& first_failure() const { return first_failure_; }

 private:
  void Register(pid_t tid);
  void TryArm(SampledThread* thread);
  Status Arm(SampledThread* thread);

  SamplerOptions options_;
  std::minstd_rand random_;
  pid_t own_tid_ = 0;
  bool scanned_before_ = false;
  std::map<pid_t, SampledThread> threads_;
  uint64_t threads_seen_ = 0;
  uint64_t timer_failures_ = 0;
  Status first_failure_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_THREAD_REGISTRY_H_
