// SPDX-License-Identifier: MIT
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "stacksampler/sampler.h"
#include "support/catch.h"
#include "support/forbid_calls.h"

namespace stacksampler {
namespace {

using tests::Forbid;

volatile unsigned sink = 0;

void Burn() {
  for (int i = 0; i < 50'000'000; ++i) sink = sink + 1;
}

Result<std::shared_ptr<Sampler>> Start() {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  options.drain_interval = std::chrono::milliseconds(5);
  return Sampler::Start(options);
}

// The wait status of a child that does `work` and leaves with what it returns.
int StatusOf(int (*work)()) {
  const pid_t pid = fork();
  if (pid == 0) {
    constexpr unsigned kHangSeconds = 120;
    alarm(kHangSeconds);
    _exit(work());
  }
  int status = -1;
  waitpid(pid, &status, 0);
  return status;
}

int StartWithoutTimers() {
  if (!Forbid({SYS_timer_create})) return 100;
  const auto refused = Start();
  if (refused.status().code() != StatusCode::kPermissionDenied) return 1;
  if (refused.status().message().find("timer_create") == std::string::npos) return 2;
  struct sigaction now {};
  sigaction(SIGPROF, nullptr, &now);
  return now.sa_handler == SIG_DFL ? 0 : 3;
}

TEST_CASE("Seccomp: a process that may not have timers is told, and left as it was") {
  CHECK(StatusOf(StartWithoutTimers) == 0);
}

const std::vector<long>& CallsBeyondStart() {
  static const auto& calls = *new std::vector<long>{
      SYS_timer_create,  SYS_timer_settime, SYS_timer_gettime,    SYS_timer_delete,
      SYS_clock_gettime, SYS_openat,        SYS_getdents64,       SYS_readlink,
      SYS_munmap,        SYS_madvise,       SYS_process_vm_readv, SYS_newfstatat,
      SYS_prctl,         SYS_sched_yield,   SYS_sched_getaffinity};
  return calls;
}

// All at once; threads come and go, names are asked for, and the program goes on after the stop.
int LoseCallsWhileSampled() {
  auto sampler = Start();
  if (!sampler.ok()) return 1;
  const ReaderId reader = (*sampler)->OpenReader();
  Burn();
  if (!Forbid(CallsBeyondStart())) return 100;
  for (int i = 0; i < 3; ++i) {
    std::thread([] { Burn(); }).join();
    (void)(*sampler)->Read(reader);
  }
  (void)(*sampler)->Stop();
  Burn();
  return 0;
}

TEST_CASE("Seccomp: calls that are forbidden while it samples harm nobody, nor does the stop") {
  CHECK(StatusOf(LoseCallsWhileSampled) == 0);
}

// Without it, timers stay that nobody can delete: their signals must not meet the default action.
int LoseTimerDelete() {
  auto sampler = Start();
  if (!sampler.ok() || !Forbid({SYS_timer_delete})) return 100;
  Burn();
  const Status status = (*sampler)->Stop();
  Burn();
  return status.message().find("timer_delete") == std::string::npos ? 1 : 0;
}

TEST_CASE("Seccomp: timers that cannot be deleted are named by Stop, and kill nobody") {
  CHECK(StatusOf(LoseTimerDelete) == 0);
}

}  // namespace
}  // namespace stacksampler
