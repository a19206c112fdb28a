// SPDX-License-Identifier: MIT
//
// A service with something to hide in its command line and environment: prints the port of its
// endpoint, then works until nobody wants to hear of it any more.
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "stacksampler/stacksampler.h"

namespace {

volatile unsigned long result = 0;

__attribute__((noinline)) void WorkInSecret() {
  for (unsigned long i = 1; i < 1'000'000; ++i) result = result * 31 + i;
}

void WorkForEver() {
  for (;;) WorkInSecret();
}

}  // namespace

int main() {
  stacksampler::ProfilerOptions options;
  options.port = 0;
  if (!stacksampler::run_profiler(options).ok()) return 1;
  std::printf("%d\n", stacksampler::profiler_port());
  std::fflush(stdout);
  std::thread(WorkForEver).detach();
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  _exit(0);
}
