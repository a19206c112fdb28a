// SPDX-License-Identifier: MIT
//
// Purpose: one absolute moment by which a whole operation ends, however many steps it takes.
// Thread safety: values.
#ifndef STACKSAMPLER_HTTP_DEADLINE_H_
#define STACKSAMPLER_HTTP_DEADLINE_H_

#include <algorithm>
#include <chrono>

namespace stacksampler::http {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline After(std::chrono::milliseconds duration) {
    return Deadline(Clock::now() + duration);
  }
  static Deadline Never() { return Deadline(Clock::time_point::max()); }
  static Deadline Earlier(Deadline a, Deadline b) { return Deadline(std::min(a.at_, b.at_)); }

  [[nodiscard]] bool passed() const { return Clock::now() >= at_; }
  [[nodiscard]] Clock::time_point at() const { return at_; }

  /// For poll(2): rounded up, so that a wait never ends just before the deadline; -1 for Never().
  [[nodiscard]] int PollTimeout() const {
    if (at_ == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, kLongestPollMs));
  }

 private:
  static constexpr long long kLongestPollMs = 1 << 30;
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_DEADLINE_H_
