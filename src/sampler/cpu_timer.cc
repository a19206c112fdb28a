// SPDX-License-Identifier: MIT
#include "sampler/cpu_timer.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>
#include <utility>

#include "base/errno_status.h"

#ifndef sigev_notify_thread_id  // glibc before 2.37
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace stacksampler::sampling {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

clockid_t ThreadCpuClock(pid_t tid) {
  constexpr unsigned kPerThread = 4;
  constexpr unsigned kScheduler = 2;
  return static_cast<clockid_t>(~static_cast<unsigned>(tid) << 3 | kPerThread | kScheduler);
}

timespec ToTimespec(std::chrono::nanoseconds time) {
  timespec result{};
  result.tv_sec = time.count() / kNsPerSecond;
  result.tv_nsec = time.count() % kNsPerSecond;
  return result;
}

int64_t ToNs(const timespec& time) { return time.tv_sec * kNsPerSecond + time.tv_nsec; }

}  // namespace

// Raw system calls: glibc's timer_create would be as good today, but promises nothing about clock
// ids that it did not make.
Status CpuTimer::Arm(pid_t tid, const Ticket& ticket, std::chrono::nanoseconds first,
                     std::chrono::nanoseconds period) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event.sigev_value.sival_ptr = ticket.AsPointer();
  event.sigev_notify_thread_id = tid;
  if (syscall(SYS_timer_create, ThreadCpuClock(tid), &event, &id_) != 0) {
    id_ = kNone;
    return ErrnoStatus(errno, "timer_create for thread " + std::to_string(tid),
                       "raise RLIMIT_SIGPENDING (ulimit -i) when there are many threads");
  }
  itimerspec times{};
  times.it_value = ToTimespec(first);
  times.it_interval = ToTimespec(period);
  if (syscall(SYS_timer_settime, id_, 0, &times, nullptr) != 0) {
    Status status = ErrnoStatus(errno, "timer_settime for thread " + std::to_string(tid));
    (void)Delete();
    return status;
  }
  return Status::Ok();
}

Status CpuTimer::Delete() {
  const int id = std::exchange(id_, kNone);
  if (id == kNone || syscall(SYS_timer_delete, id) == 0) return Status::Ok();
  return ErrnoStatus(errno, "timer_delete", "SIGPROF stays ignored in this process");
}

bool CpuTimer::ThreadIsGone() const {
  if (!armed()) return false;
  itimerspec times{};
  // The kernel holds on to the thread itself, not to its number: of a dead one it reports nothing.
  // A refusal (a seccomp filter) says nothing.
  if (syscall(SYS_timer_gettime, id_, &times) != 0) return errno == EINVAL;
  return ToNs(times.it_interval) == 0;
}

std::optional<int64_t> ThreadCpuNs(pid_t tid) {
  timespec time{};
  if (clock_gettime(ThreadCpuClock(tid), &time) != 0) return std::nullopt;
  return ToNs(time);
}

int64_t ProcessCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return ToNs(time);
}

int64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return ToNs(time);
}

}  // namespace stacksampler::sampling
