// SPDX-License-Identifier: MIT
//
// What no in-process profiler can avoid, for LD_PRELOAD: a CPU timer of the main thread at BENCH_HZ
// that signals it, and a handler that does nothing.
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void DoNothing(int signal, siginfo_t* info, void* context) {
  (void)signal;
  (void)info;
  (void)context;
}

__attribute__((constructor)) static void Begin(void) {
  const char* hz = getenv("BENCH_HZ");
  if (hz == NULL) return;
  struct sigaction action = {.sa_sigaction = DoNothing, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGPROF, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  timer_t timer;
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0) abort();
  const struct timespec period = {0, 1000000000L / atol(hz)};
  const struct itimerspec times = {period, period};
  if (timer_settime(timer, 0, &times, NULL) != 0) abort();
}
