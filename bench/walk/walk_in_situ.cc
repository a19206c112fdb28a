// SPDX-License-Identifier: MIT
//
// LD_PRELOADed into a program named WALK_BENCH_PROGRAM: its main thread's CPU timer interrupts it,
// the ways take turns at the samples, and each one's time inside the handler is written to
// WALK_BENCH_OUTPUT when the program ends. gperftools' handler is its own, whole.
#include <errno.h>
#include <gperftools/profiler.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "medians.h"
#include "our_handler.h"
#include "peers.h"
#include "sampler/handler/signal_handler.h"

namespace stacksampler::bench {
namespace {

constexpr long kIntervalNs = 2'000'000;

OurHandler* ours = nullptr;
struct sigaction gperftools;

void ByOurs(siginfo_t* info, void* context) { sampling::HandleSigprof(SIGPROF, info, context); }
void ByGperftools(siginfo_t* info, void* context) {
  gperftools.sa_sigaction(SIGPROF, info, context);
}
void ByUnwStep(siginfo_t*, void* context) { WalkByUnwStep(*static_cast<ucontext_t*>(context)); }
void ByUnwBacktrace(siginfo_t*, void*) { WalkByUnwBacktrace(); }
void ByLibgcc(siginfo_t*, void*) { WalkByLibgcc(); }

struct Way {
  const char* name;
  void (*handle)(siginfo_t*, void*);
  Medians* medians = nullptr;
};
Way ways[] = {{"ours", ByOurs},
              {"gperftools", ByGperftools},
              {"unw_step", ByUnwStep},
              {"unw_backtrace", ByUnwBacktrace},
              {"_Unwind_Backtrace", ByLibgcc}};
constexpr size_t kWays = sizeof ways / sizeof *ways;

void OnSignal(int, siginfo_t* info, void* context) {
  static size_t turn = 0;
  const int saved_errno = errno;
  Way& way = ways[turn++ % kWays];
  const uint64_t begin = TicksNow();
  way.handle(info, context);
  const uint64_t end = TicksNow();
  way.medians->Add(end - begin, ours->TakeSamples());
  errno = saved_errno;
}

// gperftools' handler as it installs it, without its timer.
void TakeGperftools() {
  if (ProfilerStart("/dev/null") == 0) std::exit(1);
  const itimerval none = {};
  setitimer(ITIMER_PROF, &none, nullptr);
  sigaction(SIGPROF, nullptr, &gperftools);
}

void StartTimer() {
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event.sigev_value.sival_ptr = ours->ticket();
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  timer_t timer;
  timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer);
  itimerspec times = {};
  times.it_value.tv_nsec = times.it_interval.tv_nsec = kIntervalNs;
  timer_settime(timer, 0, &times, nullptr);
}

bool IsWanted() {
  const char* program = std::getenv("WALK_BENCH_PROGRAM");
  return program != nullptr && std::strcmp(program, program_invocation_short_name) == 0;
}

[[gnu::constructor]] void Start() {
  if (!IsWanted()) return;
  for (Way& way : ways) way.medians = new Medians;
  TakeGperftools();
  ours = new OurHandler;
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(SIGPROF, &action, nullptr);
  StartTimer();
}

[[gnu::destructor]] void Finish() {
  if (ours == nullptr) return;
  signal(SIGPROF, SIG_IGN);
  FILE* out = std::fopen(std::getenv("WALK_BENCH_OUTPUT"), "w");
  if (out == nullptr) return;
  for (Way& way : ways) {
    std::fprintf(out, "%s %zu %lu %lu %lu\n", way.name, way.medians->count(),
                 way.medians->Ticks(0.5), way.medians->Ticks(0.99), way.medians->Frames(0.5));
  }
  std::fclose(out);
}

}  // namespace
}  // namespace stacksampler::bench
