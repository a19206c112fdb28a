// SPDX-License-Identifier: MIT
//
// Purpose: a wall clock that runs faster than the machine's, shared by all programs of a soak, and
//   a list of what it told to whom. Elapsed time, which time-outs are measured by, stays as it is.
// Shapes: a file that each program maps; its path stands in SOAK_CLOCK. No moment is told twice, so
//   that one names the reading of one thread.
// Thread safety: all members from any thread of any of the programs.
// Errors: none; what is not read in time is overwritten, which Told::number shows.
#ifndef STACKSAMPLER_BENCH_SOAK_SHARED_CLOCK_H_
#define STACKSAMPLER_BENCH_SOAK_SHARED_CLOCK_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace stacksampler::bench {

struct SharedClock {
  struct Told {
    std::atomic<uint64_t> number;  // 1 for the first, written last
    std::atomic<int64_t> thread;
    std::atomic<int64_t> ns;
  };
  static constexpr size_t kRemembered = size_t{1} << 18;

  /// What a thread is told that asks when `elapsed_ns` stands on the machine's steady clock.
  int64_t Tell(int64_t elapsed_ns, int64_t thread) {
    int64_t last = last_ns.load();
    int64_t now = 0;
    do {
      now = std::max(At(elapsed_ns), last + 1);
    } while (!last_ns.compare_exchange_weak(last, now));
    const uint64_t number = next++;
    Told& place = told[number % kRemembered];
    place.thread = thread;
    place.ns = now;
    place.number = number + 1;
    return now;
  }
  [[nodiscard]] int64_t At(int64_t elapsed_ns) const {
    return start_ns + (elapsed_ns - start_elapsed_ns) * rate;
  }

  int64_t start_elapsed_ns = 0;
  int64_t start_ns = 0;
  int64_t rate = 1;
  std::atomic<int64_t> last_ns{0};
  std::atomic<uint64_t> next{0};
  Told told[kRemembered];
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_SHARED_CLOCK_H_
