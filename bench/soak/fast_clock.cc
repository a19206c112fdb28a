// SPDX-License-Identifier: MIT
//
// Purpose: for LD_PRELOAD: the wall clock is that of SOAK_CLOCK; all other clocks are the machine's.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "shared_clock.h"

namespace {

using stacksampler::bench::SharedClock;

constexpr int64_t kSecondNs = 1'000'000'000;

SharedClock* OpenClock() {
  const char* path = std::getenv("SOAK_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* const at = mmap(nullptr, sizeof(SharedClock), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return at == MAP_FAILED ? nullptr : static_cast<SharedClock*>(at);
}

void SetFaster(timespec* time) {
  static SharedClock* const shared = OpenClock();
  thread_local const int64_t thread = syscall(SYS_gettid);
  if (shared == nullptr) return;
  timespec elapsed{};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &elapsed);
  const int64_t ns = shared->Tell(elapsed.tv_sec * kSecondNs + elapsed.tv_nsec, thread);
  *time = {ns / kSecondNs, ns % kSecondNs};
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int saved = errno;
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  if (clock == CLOCK_REALTIME) SetFaster(time);
  errno = saved;
  return 0;
}
#pragma GCC visibility pop
