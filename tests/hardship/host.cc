// SPDX-License-Identifier: MIT
// Somebody's service with our endpoint in it, or without where the endpoint could not begin. Tells
// the port (0: none); then at each SIGUSR1 works until the sampler has seen it, and tells 1.
// What it is given is how much of the address space, of what it uses by then, it may go on using,
// in MiB, and how many more descriptors it may open: "-" for no bound.
#include <stacksampler/stacksampler.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

constexpr rlim_t kMiB = 1 << 20;

void Bound(int resource, rlim_t most) {
  const rlimit limit{most, most};
  if (setrlimit(resource, &limit) != 0) std::abort();
}

rlim_t AddressSpaceBytes() {
  unsigned long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) std::abort();
  std::fclose(file);
  return static_cast<rlim_t>(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void Tell(int number) {
  std::printf("%d\n", number);
  std::fflush(stdout);
}

void Work() {
  const auto sampler = stacksampler::Sampler::Running();
  const auto seen = [&] { return sampler ? sampler->Stats().delivered_weight : UINT64_MAX; };
  const uint64_t enough = sampler ? seen() + 3 : 0;
  volatile uint64_t sink = 0;
  // Without memory there may be no sampler for this thread.
  const std::clock_t end = std::clock() + CLOCKS_PER_SEC / 4;
  while (seen() < enough && std::clock() < end) {
    for (int i = 0; i < 100'000; ++i) sink = sink + static_cast<uint64_t>(i);
  }
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &asked, nullptr);
  stacksampler::ProfilerOptions options;
  options.port = 0;
  const bool is_served = stacksampler::run_profiler(options).ok();
  if (argc > 1 && *argv[1] != '-') {
    Bound(RLIMIT_AS, AddressSpaceBytes() + static_cast<rlim_t>(std::atoi(argv[1])) * kMiB);
  }
  if (argc > 2 && *argv[2] != '-') {
    const int next = dup(STDIN_FILENO);
    close(next);
    Bound(RLIMIT_NOFILE, static_cast<rlim_t>(next + std::atoi(argv[2])));
  }
  Tell(is_served ? stacksampler::profiler_port() : 0);
  for (int signal = 0; sigwait(&asked, &signal) == 0;) {
    Work();
    Tell(1);
  }
}
