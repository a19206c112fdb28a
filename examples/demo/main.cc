// SPDX-License-Identifier: MIT
//
// A believable service with the profiler in it. Two lines make it profilable: the include and the
// call.
#include <signal.h>
#include <stacksampler/stacksampler.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "demo/service.h"

namespace {

void PrintCounters() {
  const auto sampler = stacksampler::Sampler::Running();
  if (!sampler) return;
  const auto stats = sampler->Stats();
  std::printf("sampler: delivered=%llu recorded=%llu dropped=%llu\n",
              static_cast<unsigned long long>(stats.delivered_weight),
              static_cast<unsigned long long>(stats.recorded_weight),
              static_cast<unsigned long long>(stats.dropped_ring_full_weight));
}

// Blocked here and so in every thread started later: the signals wait until sigwait() takes them.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  demo::ServiceOptions options;
  stacksampler::ProfilerOptions profiler;
  CLI::App app("A small shop back end with the profiler in it; see examples/demo/README.md.",
               "demo_service");
  app.add_option("--workers", options.workers, "worker threads")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--load", options.load, "CPU seconds per second to use")
      ->check(CLI::Range(0.01, 64.0))
      ->capture_default_str();
  app.add_option("--port", profiler.port,
                 "port of the profile endpoint, or the next free one of 100")
      ->check(CLI::Range(0, 65435))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const sigset_t end_signals = BlockEndSignals();
  if (profiler.port != 0) profiler.last_port = static_cast<uint16_t>(profiler.port + 99);
  if (!stacksampler::run_profiler(profiler).ok()) return 1;
  std::printf("demo_service: try  curl localhost:%d\n", stacksampler::profiler_port());
  std::fflush(stdout);

  demo::Service service(options);
  service.Start();
  int signal = 0;
  sigwait(&end_signals, &signal);
  service.Stop();
  PrintCounters();
  return stacksampler::stop_profiler().ok() ? 0 : 1;
}
