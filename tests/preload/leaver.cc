// SPDX-License-Identifier: MIT
//
// Purpose: a program that knows nothing of the sampler, works and leaves in the way that is asked
//   for: leaver return|exit|_exit|_Exit|quick_exit|handler|exec|failed-exec|fork|vfork
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>

namespace {

volatile uint64_t sink = 0;

int64_t CpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Spin() {
  constexpr int64_t kBurnNs = 400'000'000;  // a starved machine takes few samples
  for (const int64_t end = CpuNs() + kBurnNs; CpuNs() < end;) {
    for (uint64_t i = 0; i < 10'000; ++i) sink = sink * 31 + i;
  }
}

}  // namespace

// What stands behind the call keeps it from becoming a jump.
extern "C" __attribute__((noinline)) void BurnFirst() {
  Spin();
  sink = sink + 1;
}

extern "C" __attribute__((noinline)) void BurnInChild() {
  Spin();
  sink = sink + 2;
}

extern "C" __attribute__((noinline)) void BurnAfterwards() {
  Spin();
  sink = sink + 3;
}

namespace {

void LeaveInHandler() {
  std::signal(SIGTERM, [](int) { _exit(0); });
  raise(SIGTERM);
}

void LeaveByExec() { execl("/bin/true", "true", static_cast<char*>(nullptr)); }

void TryToExec() {
  execlp("/nowhere/to/be/found", "found", static_cast<char*>(nullptr));
  BurnAfterwards();
  std::exit(0);
}

void ForkAndWait() {
  const pid_t child = fork();
  if (child == 0) {
    BurnInChild();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  std::exit(0);
}

// What a child of vfork() writes, its parent sees.
void VforkAndWait() {
  const pid_t child = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork): is tested
  if (child == 0) {
    execl("/nowhere", "nowhere", static_cast<char*>(nullptr));
    _exit(1);
  }
  waitpid(child, nullptr, 0);
  BurnAfterwards();
  std::exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, void (*)()> ways = {
      {"return", [] {}},
      {"exit", [] { std::exit(0); }},
      {"_exit", [] { _exit(0); }},
      {"_Exit", [] { std::_Exit(0); }},
      {"quick_exit", [] { std::quick_exit(0); }},
      {"handler", LeaveInHandler},
      {"exec", LeaveByExec},
      {"failed-exec", TryToExec},
      {"fork", ForkAndWait},
      {"vfork", VforkAndWait},
  };
  const auto way = ways.find(argc == 2 ? argv[1] : "");
  if (way == ways.end()) return 2;
  BurnFirst();
  way->second();
  return 0;
}
