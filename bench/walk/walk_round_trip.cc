// SPDX-License-Identifier: MIT
//
// From sending oneself a signal to having come back, on the bench stack: with an empty handler, and
// with ours. They take turns.
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "bench_stack.h"
#include "medians.h"
#include "our_handler.h"
#include "sampler/handler/signal_handler.h"

namespace stacksampler::bench {
namespace {

constexpr int kRounds = 20000;

void HandleNothing(int, siginfo_t*, void*) {}

struct Way {
  const char* name;
  void (*handler)(int, siginfo_t*, void*);
  bool forget;  // the previous stack, before each signal
  Medians medians;
};

void Install(void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(SIGPROF, &action, nullptr);
}

void Run(Way* way, OurHandler* ours) {
  siginfo_t info = ours->Signal();
  const auto pid = getpid();
  const auto tid = static_cast<pid_t>(syscall(SYS_gettid));
  Install(way->handler);
  if (way->forget) ours->ForgetStack();
  const uint64_t begin = TicksNow();
  syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGPROF, &info);
  const uint64_t end = TicksNow();
  way->medians.Add(end - begin, ours->TakeSamples());
}

}  // namespace
}  // namespace stacksampler::bench

int main() {
  using namespace stacksampler::bench;
  auto* ours = new OurHandler;
  Way ways[] = {{"empty handler", HandleNothing, false, {}},
                {"ours, new stack", stacksampler::sampling::HandleSigprof, true, {}},
                {"ours, same stack", stacksampler::sampling::HandleSigprof, false, {}}};
  CallOnBenchStack(ours, [&](const ucontext_t&) {
    for (int i = 0; i < kRounds; ++i) {
      for (Way& way : ways) Run(&way, ours);
    }
  });
  const auto floor = static_cast<double>(ways[0].medians.Ticks(0.5));
  std::printf("%-20s%12s%12s%8s%10s\n", "round trip", "ticks", "p99", "frames", "/ empty");
  for (Way& way : ways) {
    const uint64_t ticks = way.medians.Ticks(0.5);
    std::printf("%-20s%12lu%12lu%8lu%10.2f\n", way.name, ticks, way.medians.Ticks(0.99),
                way.medians.Frames(0.5), static_cast<double>(ticks) / floor);
  }
  return 0;
}
