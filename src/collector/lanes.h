// SPDX-License-Identifier: MIT
//
// Purpose: whose turn it is to be polled, and who may hold up whom: targets that have proven to be
//   quick may have all polls at once, all others half of them, so that the turn of a quick one, and
//   with it its acknowledgement, never waits for others' time-outs.
// Invariant: a target is in line, or is being polled, or is with the caller, who brings it back.
// Thread safety: outside locking.
// Signal safety: none.
// Errors: none. It takes its memory when it is made: nothing else allocates.
#ifndef STACKSAMPLER_COLLECTOR_LANES_H_
#define STACKSAMPLER_COLLECTOR_LANES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

namespace stacksampler::collector {

class Lanes {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Turn {
    Time when;
    size_t target;
    bool operator>(const Turn& other) const { return when > other.when; }
  };

  /// Quick polls in turn that prove a target. Each time that it was slow after that it needs twice
  /// as many, so that one which is slow now and then holds up nobody time and again.
  static constexpr uint32_t kProof = 3;
  static constexpr uint32_t kMaxProof = 1024;

  /// At most `polls` at once; of them `unproven_polls` of targets without proof.
  Lanes(size_t targets, size_t polls, size_t unproven_polls);

  /// Brings a target, new or polled, into line.
  void Add(size_t target, Time when);
  /// The target that is due first of those that may be polled, now or later.
  [[nodiscard]] std::optional<Turn> Next() const;
  /// Takes it out of line. REQUIRES: it is what Next() says.
  void Begin(const Turn& turn);
  /// Its poll is over.
  void End(size_t target, bool was_slow);

 private:
  struct Lane {
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> due;
    size_t most_polls = 0;
    size_t polls = 0;

    [[nodiscard]] bool MayPoll() const { return !due.empty() && polls < most_polls; }
  };
  struct Record {
    uint32_t quick_in_turn = 0;
    uint32_t proof = kProof;
    bool is_polled_as_proven = false;
  };

  [[nodiscard]] bool IsProven(size_t target) const {
    return records_[target].quick_in_turn >= records_[target].proof;
  }

  Lane proven_;
  Lane unproven_;
  std::vector<Record> records_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_LANES_H_
