// SPDX-License-Identifier: MIT
//
// Purpose: the threads that are sampled: found in /proc/self/task, or announced by themselves, each
//   with a slot and a timer.
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

/// Weight that no signal stands for: under which name, and under "[unsampled]" or "[profiler]".
struct Unsampled {
  uint32_t name = 0;    // a NameId
  uint32_t marker = 0;  // a NodeId
  int64_t weight = 0;
};

/// Wall-clock mode: what becomes of the time in which a thread does not run.
struct WaitAccount {
  // Wall time that the thread's weights have to cover is wall_ns - wall_base_ns.
  int64_t wall_base_ns = 0;
  int64_t wall_ns = 0;
  int64_t run_delay_base_ns = 0;
  int64_t runnable_weight = 0;
  int64_t waiting_weight = 0;
  // Where it waits, as long as its CPU time is place_cpu_ns.
  uint32_t place = UINT32_MAX;  // a NodeId
  int64_t place_cpu_ns = -1;
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
  int64_t next_mask_look = 0;  // at this much unsampled weight
  bool seemed_deaf = false;    // when it was looked at last
  WaitAccount wait;
  uint64_t active_drains = 0;
};

class ThreadRegistry {
 public:
  explicit ThreadRegistry(const SamplerOptions& options);
  ~ThreadRegistry() { Clear(); }
  ThreadRegistry(const ThreadRegistry&) = delete;
  ThreadRegistry& operator=(const ThreadRegistry&) = delete;

  using Threads = std::map<pid_t, SampledThread>;

  /// Arms new threads, and moves those that are no more to ended().
  Status Scan();
  /// The same for one thread, which is alive.
  void Admit(pid_t tid);
  /// The thread `tid` is about to end: from now on nobody else can tell what it has used.
  void NoteLeaving(pid_t tid);
  /// Gives back what belongs to the last of ended().
  void ReleaseLastEnded();
  /// This thread blocks SIGPROF and so gets no timer.
  void ExemptOwnThread(pid_t tid) { own_tid_ = tid; }
  /// Lets the walks of threads that were sampled for the first time do without probing.
  void LookUpStacks();

  [[nodiscard]] bool AnyHandlerInside() const;
  /// No new signal comes after this; those on their way still find their slots. The first timer
  /// that the kernel would not delete is named, and may go on.
  Status DeleteTimers();
  /// Timers too. Slots go back to the pool.
  void Clear();
  /// In the child of a fork, where no timer and no other thread exists.
  void ForgetTimers();

  [[nodiscard]] Threads& threads() { return threads_; }
  [[nodiscard]] const Threads& threads() const { return threads_; }
  /// Threads that have ended, by the order in which that was found.
  [[nodiscard]] std::vector<Threads::node_type>& ended() { return ended_; }
  [[nodiscard]] uint64_t threads_seen() const { return threads_seen_; }
  [[nodiscard]] uint64_t timer_failures() const { return timer_failures_; }
  /// Of the first timer that the kernel refused.
  [[nodiscard]] const Status& first_failure() const { return first_failure_; }

 private:
  void Register(pid_t tid);
  void End(Threads::iterator thread);
  static void BeginWaitAccount(SampledThread* thread);
  static void Release(SampledThread* thread);
  [[nodiscard]] int64_t CpuBefore(int64_t cpu_ns) const;
  void TryArm(SampledThread* thread);
  Status Arm(SampledThread* thread);

  SamplerOptions options_;
  std::minstd_rand random_;
  pid_t own_tid_ = 0;
  int64_t first_scan_ns_ = 0;  // of the monotonic clock; 0 = none yet
  Threads threads_;
  std::vector<Threads::node_type> ended_;
  uint64_t threads_seen_ = 0;
  uint64_t timer_failures_ = 0;
  Status first_failure_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_THREAD_REGISTRY_H_
