// SPDX-License-Identifier: MIT
#include "sampler/tick_clock.h"

#include <algorithm>
#include <chrono>

#include "sampler/cpu_timer.h"
#include "sampler/handler/ticks.h"

namespace stacksampler::sampling {

int64_t UnixNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

TickClock::TickClock() : before_{ReadTicks(), UnixNowNs()}, now_(before_) {}

void TickClock::Advance() {
  before_ = now_;
  // The wall clock may be set back; samples still come one after the other.
  now_ = {ReadTicks(), std::max(UnixNowNs(), before_.unix_ns)};
}

int64_t TickClock::ToUnixNs(uint64_t ticks) const {
  if (now_.ticks <= before_.ticks) return now_.unix_ns;
  const uint64_t at = std::clamp(ticks, before_.ticks, now_.ticks);
  const double part =
      static_cast<double>(at - before_.ticks) / static_cast<double>(now_.ticks - before_.ticks);
  return before_.unix_ns +
         static_cast<int64_t>(part * static_cast<double>(now_.unix_ns - before_.unix_ns));
}

TickRate::TickRate() : ticks_(ReadTicks()), ns_(MonotonicNs()) {}

void TickRate::Publish() const {
  // An earlier sampler of this process may know better than one that has just begun.
  constexpr int64_t kGoodMeasureNs = 10'000'000;
  const uint64_t ticks = ReadTicks() - ticks_;
  const int64_t ns = MonotonicNs() - ns_;
  const bool known = tick_ns_q32.load(std::memory_order_relaxed) != 0;
  if (ticks == 0 || ns <= 0 || (known && ns < kGoodMeasureNs)) return;
  const double rate = static_cast<double>(ns) / static_cast<double>(ticks);
  constexpr double kQ32 = 4294967296.0;
  tick_ns_q32.store(static_cast<uint64_t>(rate * kQ32), std::memory_order_relaxed);
}

}  // namespace stacksampler::sampling
