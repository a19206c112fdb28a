// SPDX-License-Identifier: MIT
//
// Purpose: a program that knows nothing of the sampler and burns known shares of CPU time:
//   BurnThree three parts, then BurnOne one part.
//     burner                  both in main
//     burner thread           BurnOne in a thread named "worker"
//     burner until FILE       BurnOne until FILE is there and not empty
//     burner waiting FOLDER   BurnOne and WaitThere until this process's window log in FOLDER grows
//     burner killed FOLDER    BurnOne until this process's window log in FOLDER grows, then dies by
//     SIGKILL
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <ctime>
#include <string>
#include <thread>

namespace {

constexpr int64_t kPartNs = 400000000;  // a starved machine takes few samples
constexpr useconds_t kWaitUs = 500000;

volatile uint64_t sink = 0;

int64_t ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

void Spin(int64_t ns) {
  for (const int64_t end = ThreadCpuNs() + ns; ThreadCpuNs() < end;) {
    for (uint64_t i = 0; i < 10000; ++i) sink = sink * 31 + i;
  }
}

int64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

}  // namespace

// The addition behind the call keeps it from becoming a jump, and the function on the stack.
extern "C" __attribute__((noinline)) void BurnThree() {
  Spin(3 * kPartNs);
  sink = sink + 1;
}

extern "C" __attribute__((noinline)) void BurnOne() {
  Spin(kPartNs);
  sink = sink + 2;
}

extern "C" __attribute__((noinline)) void WaitThere() {
  usleep(kWaitUs);
  sink = sink + 3;
}

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "until") {
    while (SizeOf(argv[2]) == 0) BurnOne();
    return 7;
  }
  const std::string log =
      argc > 2 ? std::string(argv[2]) + '/' + std::to_string(getpid()) + ".windows" : "";
  if (mode == "waiting") {
    BurnOne();
    const auto before = SizeOf(log);
    while (SizeOf(log) == before) {
      WaitThere();
      BurnOne();
    }
    return 0;
  }
  if (mode == "killed") {
    BurnOne();                        // however little the first window has seen of this process
    const auto before = SizeOf(log);  // a program that executed this one may have begun it
    while (SizeOf(log) == before) BurnOne();
    raise(SIGKILL);
  }
  if (mode == "thread") {
    std::thread worker([] {
      pthread_setname_np(pthread_self(), "worker");
      BurnOne();
    });
    BurnThree();
    worker.join();
    return 0;
  }
  BurnThree();
  BurnOne();
  return 0;
}
