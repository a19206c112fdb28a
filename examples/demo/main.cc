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

// Ends sampling but not the endpoint, so that a collector can fetch the rest, and tells what was
// counted.
void EndSampling() {
  const auto sampler = stacksampler::Sampler::Running();
  if (!sampler || !sampler->Stop().ok()) return;
  const auto stats = sampler->Stats();
  std::printf("sampler:");
  for (const auto& counter : stacksampler::kSamplerCounters) {
    std::printf(" %s=%llu", counter.name, static_cast<unsigned long long>(stats.*counter.value));
  }
  std::printf("\n");
  std::fflush(stdout);
}

// Blocked here and so in every thread started later: the signals wait until sigwait() takes them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
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

  const sigset_t signals = BlockSignals();
  if (profiler.port != 0) profiler.last_port = static_cast<uint16_t>(profiler.port + 99);
  if (!stacksampler::run_profiler(profiler).ok()) return 1;
  std::printf("demo_service: try  curl localhost:%d\n", stacksampler::profiler_port());
  std::fflush(stdout);

  demo::Service service(options);
  service.Start();
  for (int signal = 0; signal != SIGINT && signal != SIGTERM;) {
    sigwait(&signals, &signal);
    service.Stop();
    EndSampling();
  }
  return stacksampler::stop_profiler().ok() ? 0 : 1;
}
