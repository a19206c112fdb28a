// SPDX-License-Identifier: MIT
//
// Purpose: turns time stamp counter values into Unix time, by two readings of both clocks around
//   them. No frequency needs to be known.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_TICK_CLOCK_H_
#define STACKSAMPLER_SAMPLER_TICK_CLOCK_H_

#include <cstdint>

namespace stacksampler::sampling {

/// Nanoseconds since the Unix epoch.
int64_t UnixNowNs();

class TickClock {
 public:
  TickClock();
  /// Reads both clocks: samples since the last call lie between the two readings.
  void Advance();
  [[nodiscard]] int64_t now_ns() const { return now_.unix_ns; }
  /// Never outside of the last two readings.
  [[nodiscard]] int64_t ToUnixNs(uint64_t ticks) const;

 private:
  struct Reading {
    uint64_t ticks;
    int64_t unix_ns;
  };
  Reading before_;
  Reading now_;
};

/// Tells the handler how long a tick is, the better the longer this object lives.
class TickRate {
 public:
  TickRate();
  void Publish() const;

 private:
  uint64_t ticks_;
  int64_t ns_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_TICK_CLOCK_H_
