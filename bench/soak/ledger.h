// SPDX-License-Identifier: MIT
//
// Purpose: what was handed out and acknowledged, by target and moment, counted without any of the
//   programs that are soaked, so that the answer to any question can be told beforehand.
// Shapes: a window's moment is what the collector's clock said behind its answer. Which that was,
//   the clock itself remembers: a request's turn is the moment before it, and the same thread's
//   next reading the moment behind it.
// Thread safety: all members from any thread.
// Errors: counted in lost(): windows whose moment the clock has forgotten.
#ifndef STACKSAMPLER_BENCH_SOAK_LEDGER_H_
#define STACKSAMPLER_BENCH_SOAK_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "shared_clock.h"

namespace stacksampler::bench {

/// Both ends inclusive.
struct Span {
  int64_t from_ns = 0;
  int64_t until_ns = 0;
};

class Ledger {
 public:
  Ledger(SharedClock* clock, size_t targets) : clock_(clock), windows_(targets) {}

  /// REQUIRES: before the answer goes out.
  void Asked(int64_t turn);
  /// That turn's answer will never be acknowledged.
  void GaveUp(int64_t turn);
  /// That turn's answer is stored.
  void Stored(size_t target, int64_t turn, uint32_t body, int64_t weight);

  /// All windows that ended until then are in here, and in the store.
  [[nodiscard]] int64_t SettledUntil() const;
  [[nodiscard]] int64_t Weight(size_t target, const Span& span) const;
  [[nodiscard]] int64_t Weight(const Span& span) const;
  void ForEachBody(size_t target, const Span& span,
                   const std::function<void(uint32_t)>& visit) const;

  [[nodiscard]] size_t targets() const { return windows_.size(); }
  [[nodiscard]] uint64_t windows() const;
  [[nodiscard]] uint64_t lost() const;

 private:
  struct Window {
    int64_t end_ns;
    int64_t weight_until;  // of this and all before
    uint32_t body;
  };
  struct Places {
    size_t begin;
    size_t end;
  };
  using Windows = std::vector<Window>;

  bool AwaitEnd(const int64_t* end_ns);
  void ReadClock();
  static Places In(const Windows& windows, const Span& span);
  static int64_t WeightIn(const Windows& windows, const Span& span);

  SharedClock* clock_;
  mutable std::mutex mutex_;                        // guards all below
  uint64_t read_ = 0;                               // of what the clock told
  std::unordered_map<int64_t, int64_t> last_told_;  // by thread
  std::map<int64_t, int64_t> ends_;                 // by turn; 0 until it is known
  std::vector<Windows> windows_;                    // by target, in the order of their ends
  uint64_t lost_ = 0;
  uint64_t stored_ = 0;
};

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_LEDGER_H_
