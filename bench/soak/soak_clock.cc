// SPDX-License-Identifier: MIT
#include "soak_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "store/store_dir.h"

namespace stacksampler::bench {
namespace {

template <typename Clock>
int64_t NowOf() {
  const auto now = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

SharedClock* MakeFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  void* at = MAP_FAILED;
  if (file >= 0 && ftruncate(file, sizeof(SharedClock)) == 0) {
    at = mmap(nullptr, sizeof(SharedClock), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (at == MAP_FAILED) {
    std::perror(path.c_str());
    std::exit(EXIT_FAILURE);
  }
  close(file);
  return new (at) SharedClock;
}

}  // namespace

SoakClock::SoakClock(std::string path, int64_t rate)
    : path_(std::move(path)), shared_(MakeFile(path_)) {
  shared_->rate = rate;
  shared_->start_elapsed_ns = NowOf<std::chrono::steady_clock>();
  shared_->start_ns = store::DayOf(NowOf<std::chrono::system_clock>()) + store::kDayNs;
}

int64_t SoakClock::Now() const { return shared_->At(NowOf<std::chrono::steady_clock>()); }

}  // namespace stacksampler::bench
