// SPDX-License-Identifier: MIT
//
// Purpose: writers of a store in processes of their own, which are killed at random moments or at a
//   named call, and what they leave behind.
// Thread safety: one thread at a time, that no other thread of the test runs beside.
// Errors: fail the test.
#ifndef STACKSAMPLER_TESTS_STORE_KILLED_WRITER_H_
#define STACKSAMPLER_TESTS_STORE_KILLED_WRITER_H_

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "store/profile_store.h"
#include "store/store_support.h"

namespace stacksampler::store {

/// Those of window `number` is the one at number modulo three.
inline constexpr std::array<const char*, 3> kHosts = {"a", "b", "c"};

/// What the killed writers do.
struct Life {
  WriterOptions options;
  int64_t step_ns = kSecond;  // from one window's end to the next one's
  bool has_times = false;     // each window's weight in the middle of it

  [[nodiscard]] int64_t EndOf(uint64_t number) const {
    return kNoon + static_cast<int64_t>(number) * step_ns;
  }
};

/// Each window of so many bytes is sealed.
Life SealingAfter(uint64_t journal_bytes);
/// Each window is sealed, each fourth ends a day, and segments are kept for a day: most of the work
/// is done in the background.
Life EndingDays();

/// A call that a process is about to make when it dies, as DieAt() has it.
struct Point {
  const char* call;
  const char* name_begins;
  int number;

  /// An alarm's death is another one: nobody waits for a point that is not met.
  void Await() const;
};

/// Kills a writer `after` its start, or after its first acknowledgement: on a loaded machine a
/// start takes long. The last number that it acknowledged; `first - 1` when none.
uint64_t WriteAndKill(const std::string& dir, const Life& life, uint64_t first,
                      std::chrono::microseconds after, bool lets_it_start);
/// The same of one that dies at the point.
uint64_t WriteUntil(const Point& point, const std::string& dir, const Life& life, uint64_t first);
/// Waits for its end.
void CheckWasKilled(pid_t child);

/// How many of the killed left behind what they had not finished.
struct LeftBehind {
  int segments = 0;
  int totals = 0;
  int half_days = 0;  // of which retention had removed a part
  int half_imports = 0;

  void Add(const LeftBehind& more) {
    segments += more.segments;
    totals += more.totals;
    half_days += more.half_days;
    half_imports += more.half_imports;
  }
  /// What is in a store's directory.
  void Look(const std::string& dir);
};

/// What came of many kills.
struct Killed {
  int kills = 0;
  uint64_t acknowledged = 0;
  std::chrono::microseconds slowest_reopen{0};
  LeftBehind left;

  void Add(const Killed& more) {
    kills += more.kills;
    acknowledged += more.acknowledged;
    slowest_reopen = std::max(slowest_reopen, more.slowest_reopen);
    left.Add(more.left);
  }
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_KILLED_WRITER_H_
