// SPDX-License-Identifier: MIT
//
// Purpose: a timer on one thread's CPU clock that signals that very thread, armed from any thread;
//   and the clocks themselves.
// Thread safety: values; one thread at a time.
// Signal safety: not async-signal-safe.
// Source: the kernel's clock id of a thread's CPU time is ~tid << 3 | 6 (CPUCLOCK_PERTHREAD_MASK |
//   CPUCLOCK_SCHED, include/linux/posix-timers.h); glibc has no name for another thread's.
#ifndef STACKSAMPLER_SAMPLER_CPU_TIMER_H_
#define STACKSAMPLER_SAMPLER_CPU_TIMER_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "sampler/handler/thread_slot.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

class CpuTimer {
 public:
  CpuTimer() = default;
  ~CpuTimer() { (void)Delete(); }
  CpuTimer(const CpuTimer&) = delete;
  CpuTimer& operator=(const CpuTimer&) = delete;

  /// Sends SIGPROF with `ticket` to `tid` each `period` of its CPU time, the first time after
  /// `first`. REQUIRES: not armed; 0 < first <= period.
  Status Arm(pid_t tid, const Ticket& ticket, std::chrono::nanoseconds first,
             std::chrono::nanoseconds period);
  /// Ok when none was armed. Where the kernel refuses (a seccomp filter), signals may still come.
  Status Delete();
  /// After fork(): the child has none of its parent's timers, and may have an own one of that id.
  void Forget() { id_ = kNone; }

  [[nodiscard]] bool armed() const { return id_ != kNone; }
  /// True once the thread that was armed is no more, even when its tid was given to another one.
  [[nodiscard]] bool ThreadIsGone() const;

 private:
  static constexpr int kNone = -1;
  int id_ = kNone;  // the kernel's
};

/// CPU time of a thread of this process; nullopt when there is no such thread.
std::optional<int64_t> ThreadCpuNs(pid_t tid);
int64_t ProcessCpuNs();
int64_t MonotonicNs();

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_CPU_TIMER_H_
