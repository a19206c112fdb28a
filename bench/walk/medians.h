// SPDX-License-Identifier: MIT
//
// Purpose: durations of one way, and what is said of them.
// Thread safety: one thread.
// Signal safety: Add() may be called from a signal handler.
#ifndef STACKSAMPLER_BENCH_WALK_MEDIANS_H_
#define STACKSAMPLER_BENCH_WALK_MEDIANS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace stacksampler::bench {

/// Waits for all that came before, so that nothing of it is counted.
inline uint64_t TicksNow() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("mfence\n\tlfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return uint64_t{high} << 32 | low;
}

class Medians {
 public:
  static constexpr size_t kMost = 65536;

  void Add(uint64_t ticks, size_t frames) {
    if (count_ == kMost) return;
    ticks_[count_] = ticks;
    frames_[count_++] = frames;
  }
  [[nodiscard]] size_t count() const { return count_; }
  /// 0.5 gives the median. 0 when there is nothing.
  [[nodiscard]] uint64_t Ticks(double quantile) { return At(ticks_.get(), quantile); }
  [[nodiscard]] uint64_t Frames(double quantile) { return At(frames_.get(), quantile); }

 private:
  uint64_t At(uint64_t* values, double quantile) const {
    if (count_ == 0) return 0;
    std::sort(values, values + count_);
    return values[static_cast<size_t>(quantile * static_cast<double>(count_ - 1))];
  }

  std::unique_ptr<uint64_t[]> ticks_ = std::make_unique<uint64_t[]>(kMost);
  std::unique_ptr<uint64_t[]> frames_ = std::make_unique<uint64_t[]>(kMost);
  size_t count_ = 0;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_WALK_MEDIANS_H_
