// SPDX-License-Identifier: MIT
#include "sampler/burn.h"

#include <pthread.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace stacksampler {
namespace {

std::atomic<uint64_t> sink{0};

// Long enough for the clock's system call not to matter.
inline __attribute__((always_inline)) void Spin(uint64_t seed) {
  uint64_t value = seed;
  for (int i = 0; i < 50'000; ++i) value = value * 6364136223846793005u + 1442695040888963407u;
  sink.store(value, std::memory_order_relaxed);
}

}  // namespace

int64_t MyThreadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

extern "C" __attribute__((noinline)) void burn_alpha(int64_t cpu_ns) {
  for (const int64_t end = MyThreadCpuNs() + cpu_ns; MyThreadCpuNs() < end;) Spin(1);
}

extern "C" __attribute__((noinline)) void burn_beta(int64_t cpu_ns) {
  for (const int64_t end = MyThreadCpuNs() + cpu_ns; MyThreadCpuNs() < end;) Spin(2);
}

extern "C" __attribute__((noinline)) void burn_deep(int depth, int64_t cpu_ns) {
  if (depth == 0) {
    burn_alpha(cpu_ns);
  } else {
    burn_deep(depth - 1, cpu_ns);
  }
  sink.fetch_add(1, std::memory_order_relaxed);  // no tail call
}

Burner::Burner(const std::string& name) {
  std::promise<pid_t> tid;
  thread_ = std::thread([this, &name, &tid] {
    pthread_setname_np(pthread_self(), name.c_str());
    auto work = work_.get_future();
    auto leave = leave_.get_future();
    tid.set_value(gettid());
    work.get()();
    done_.set_value(MyThreadCpuNs());
    leave.get();
  });
  tid_ = tid.get_future().get();
}

Burner::~Burner() {
  leave_.set_value();
  thread_.join();
}

void Burner::Begin(std::function<void()> work) { work_.set_value(std::move(work)); }

int64_t Burner::Finish() { return done_.get_future().get(); }

}  // namespace stacksampler
