// SPDX-License-Identifier: MIT
//
// Purpose: cycles start-stop|fork|exec COUNT: does it so often and prints what leaked. Exit code 0
//   when nothing did and SIGPROF killed nobody.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>

#include "guest/footprint.h"
#include "stacksampler/sampler.h"

namespace stacksampler {
namespace {

volatile unsigned sink = 0;

void BurnMs(int64_t ms) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
  };
  for (const int64_t end = now() + ms; now() < end;) sink = sink + 1;
}

std::shared_ptr<Sampler> Start() {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  auto sampler = Sampler::Start(options);
  if (!sampler.ok()) throw std::runtime_error(sampler.status().message());
  return *std::move(sampler);
}

void StartAndStop() {
  const auto sampler = Start();
  const ReaderId reader = sampler->OpenReader();
  BurnMs(1);
  if (!sampler->Take(reader).ok()) throw std::runtime_error("nothing to read");
  if (!sampler->Stop().ok()) throw std::runtime_error("not stopped");
  const SamplerStats stats = sampler->Stats();
  if (stats.delivered_weight != stats.recorded_weight + stats.dropped_ring_full_weight) {
    throw std::runtime_error("a sample was lost");
  }
}

void ExpectSuccess(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error("a child ended with wait status " + std::to_string(status));
  }
}

// Every hundredth child samples itself.
void ForkOnce() {
  static int forks = 0;
  const bool samples = ++forks % 100 == 0;
  const pid_t child = fork();
  if (child == 0) {
    if (samples) StartAndStop();
    _exit(0);
  }
  ExpectSuccess(child);
}

// It execs while it is sampled: a timer that outlived that would kill it.
void ExecOnce() {
  const pid_t child = fork();
  if (child == 0) {
    const auto sampler = Start();  // NOLINT(clang-analyzer-deadcode.DeadStores): until the exec
    BurnMs(3);
    execl("/bin/true", "true", static_cast<char*>(nullptr));
    _exit(1);
  }
  ExpectSuccess(child);
}

// The parent of forks is sampled meanwhile, that of execs is not: a child has one sampler at most.
std::string LeakOf(const std::string& what, int64_t count) {
  void (*const cycle)() = what == "start-stop" ? StartAndStop
                          : what == "fork"     ? ForkOnce
                                               : ExecOnce;
  std::shared_ptr<Sampler> sampler = what == "fork" ? Start() : nullptr;
  const int64_t warm_up = 100 + count / 10;
  for (int64_t i = 0; i < warm_up; ++i) cycle();
  if (sampler) (void)sampler->Stop();
  const Footprint before = Footprint::Now();
  if (sampler) sampler = Start();
  for (int64_t i = 0; i < count; ++i) cycle();
  if (sampler) (void)sampler->Stop();
  sampler.reset();
  return Growth(before, Footprint::Now(), count);
}

// malloc's caches per thread and its arenas fill up with chance and would count as handed out.
void RunWithoutMallocCaches(char** argv) {
  if (getenv("GLIBC_TUNABLES") != nullptr) return;
  setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1", 1);
  execv("/proc/self/exe", argv);
  throw std::runtime_error("cannot run itself again");
}

}  // namespace
}  // namespace stacksampler

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what != "start-stop" && what != "fork" && what != "exec") {
    std::fputs("usage: cycles start-stop|fork|exec COUNT\n", stderr);
    return 2;
  }
  try {
    stacksampler::RunWithoutMallocCaches(argv);
    const std::string leak = stacksampler::LeakOf(what, std::atoll(argv[2]));
    std::printf("%s %s: %s\n", argv[2], what.c_str(), leak.empty() ? "no leak" : leak.c_str());
    return leak.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::printf("%s: %s\n", what.c_str(), error.what());
    return 1;
  }
}
