// SPDX-License-Identifier: MIT
//
// Purpose: polls all targets at a fixed rate, at once, and stores what they give. One writer thread
//   owns the store; a target is polled again only after its last window was stored or given up, so
//   that its next request can acknowledge.
// Thread safety: Run()/RunOnce() from one thread; Stop() from any.
// Signal safety: none.
// Errors: a target's or the store's failure is logged and counted; collection goes on.
#ifndef STACKSAMPLER_COLLECTOR_COLLECTOR_H_
#define STACKSAMPLER_COLLECTOR_COLLECTOR_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "collector/held_samples.h"
#include "collector/redact.h"
#include "collector/shared_dictionary.h"
#include "collector/source.h"
#include "store/profile_store.h"

namespace stacksampler::collector {

struct CollectorOptions {
  // ---- Behaviour.
  std::chrono::milliseconds interval = std::chrono::seconds(600);
  http::FetchOptions fetch;
  /// Never null: what the store may not see.
  std::shared_ptr<const Redactor> redactor = std::make_shared<Redactor>();
  // ---- Cost.
  /// Keep when, to within so much, samples were taken: 1 ms to 1 s; 0 keeps no sample times.
  std::chrono::milliseconds sample_times{0};
  /// Targets that were slow the last time get at most half of them, so that the others' turn, and
  /// with it their acknowledgement, never waits for time-outs.
  size_t max_concurrent_polls = 64;
};

/// Since the start. Every poll ends in exactly one of stored, already_stored, failed, empty,
/// unstored and left_out.
struct CollectorCounters {
  uint64_t polls = 0;
  uint64_t stored = 0;
  uint64_t already_stored = 0;  // a window that the store had
  uint64_t failed = 0;          // the target gave nothing usable
  uint64_t empty = 0;           // nothing listened at a port of a range
  uint64_t unstored = 0;        // the store refused; offered again, or held until the next poll
  uint64_t left_out = 0;        // of too many processes at one address: see Collected::repeats
  uint64_t stored_weight = 0;
  uint64_t given_up_weight = 0;  // held until there was too much of it, or to the end
  uint64_t malformed_lines = 0;
  uint64_t without_times = 0;       // polls with samples but not their times, which were asked for
  uint64_t stray_times_weight = 0;  // stored without its time, which was far outside of its window
  uint64_t relabelled_weight = 0;   // its samples named a host or port themselves: theirs went
  uint64_t missed_rounds = 0;       // a target was still busy when its next poll was due
};

class Collector {
 public:
  /// `writer` must outlive the collector.
  Collector(const std::vector<Target>& targets, store::StoreWriter* writer,
            const CollectorOptions& options);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  /// Polls every target once; returns when all are stored or failed.
  /// False when something that was collected could not be stored.
  bool RunOnce();
  /// Polls at the fixed rate until Stop(); then finishes what is being written. False as above.
  bool Run();
  void Stop();

  [[nodiscard]] CollectorCounters counters() const;
  /// Ranges of ports of which nothing listened at any. Not while RunOnce() or Run() runs.
  [[nodiscard]] size_t empty_ranges() const;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Health { kUnknown, kGood, kBad, kEmpty };
  enum class Appended { kYes, kNothing, kRefused };
  struct State {
    Source source;
    HeldSamples held;
    Health health = Health::kUnknown;
    bool crowded = false;     // a window of it was left out
    bool relabelled = false;  // samples of it named a host or port themselves
    int untimed = 0;          // polls in turn that gave samples without the times asked for
    Clock::time_point due;
  };
  // The ports of one host that were given as one range: some may be empty, but not all.
  struct Range {
    size_t ports = 0;
    size_t empty = 0;
  };
  struct Due {
    Clock::time_point when;
    size_t index;
    bool operator>(const Due& other) const { return when > other.when; }
  };
  using DueQueue = std::priority_queue<Due, std::vector<Due>, std::greater<>>;
  struct Lane {
    DueQueue due;
    size_t most_polls = 0;  // at once
    size_t polls = 0;
  };
  struct Outcome {
    size_t index;
    Result<Collected> collected;
    bool was_slow = false;
    int64_t weight = 0;  // appended
  };
  struct Polled {
    size_t index;
    bool was_slow;
  };

  void StartPolling();
  void JoinPolling();
  bool FinishPolling();
  void Poll();
  Lane* NextLane();
  Outcome PollTarget(size_t index);
  bool StoreOutcomes(std::deque<Outcome> outcomes);
  bool CommitOrStop();
  Appended AppendOutcome(Outcome* outcome);
  Result<bool> Append(State* state, Outcome* outcome);
  Result<bool> AppendWithHeld(State* state, Outcome* outcome, store::Record record);
  void Hold(State* state, Profile profile);
  void TellUntimed(State* state, const Collected& collected);
  void TellRelabelled(State* state, const Collected& collected);
  void TellMalformed(const State& state, const Collected& collected);
  void CountGivenUp(const State& state, int64_t weight);
  void LeaveOut(State* state, const Collected& collected);
  void Count(uint64_t CollectorCounters::*counter, uint64_t by = 1);
  void Reschedule(const Polled& polled);
  void Failed(State* state, const Status& status);
  void SetHealth(State* state, Health health, const std::string& reason);
  void CountEmpty(const State& state, Health before);
  void LogSummary();

  CollectorOptions options_;
  store::StoreWriter* writer_;
  SharedDictionary dictionary_;
  std::vector<State> states_;
  std::map<std::string, Range> ranges_;  // by RangeName()
  std::vector<std::thread> threads_;

  mutable std::mutex mutex_;
  std::condition_variable due_changed_;
  std::condition_variable outcome_added_;
  Lane quick_;
  Lane slow_;
  std::deque<Outcome> outcomes_;
  bool stopping_ = false;
  CollectorCounters counters_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_COLLECTOR_H_
