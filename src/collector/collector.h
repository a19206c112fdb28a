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
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "collector/held_samples.h"
#include "collector/lanes.h"
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
  /// Targets that have not proven to be quick get at most half of them, unless each is polled but
  /// once: see Lanes.
  size_t max_concurrent_polls = 64;
};

/// Since the start. Every poll ends in exactly one of stored, already_stored, failed, empty,
/// unstored and left_out.
struct CollectorCounters {
  uint64_t polls = 0;
  uint64_t stored = 0;
  uint64_t already_stored = 0;   // a window that the store had
  uint64_t failed = 0;           // the target gave nothing usable
  uint64_t empty = 0;            // nothing listened at a port of a range
  uint64_t unstored = 0;         // the store refused; offered again, or held until the next poll
  uint64_t left_out = 0;         // of too many processes at one address: see Collected::repeats
  uint64_t stored_weight = 0;    // with what was held, which is a record, but no poll, of its own
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
  struct Outcome {
    size_t index;
    Result<Collected> collected;
  };
  // In the store, but not for sure before the next commit.
  struct Appended {
    State* state;
    store::WindowRef window;
    int64_t weight;
    bool is_poll;  // not what was held
  };

  void StartPolling(bool once);
  void JoinPolling();
  bool FinishPolling();
  static bool MakeRoom(std::list<Outcome>* one);
  void Poll();
  bool PollTarget(size_t index, Outcome* outcome);
  void Reschedule(size_t index);

  // collector_storing.cc
  bool Append(const std::list<Outcome>& outcomes);
  bool AppendCollected(State* state, const Collected& collected);
  [[nodiscard]] store::Record RecordFor(const State& state, const store::WindowRef& window) const;
  bool Refused(State* state, const Collected& collected, const Status& refusal);
  bool AppendHeld(State* state, int64_t end_ns);
  bool Settle();
  bool CommitOrStop();
  void GiveUpAppended();
  void CountGivenUp(const State& state, int64_t weight);

  // collector_telling.cc
  void TellUntimed(State* state, const Collected& collected);
  void TellRelabelled(State* state, const Collected& collected);
  void TellMalformed(const State& state, const Collected& collected);
  void LeaveOut(State* state, const Collected& collected);
  void Count(uint64_t CollectorCounters::*counter, uint64_t by = 1);
  void Failed(State* state, const Status& status);
  void SetHealth(State* state, Health health, const std::string& reason);
  void CountEmpty(const State& state, Health before);
  void LogSummary();

  CollectorOptions options_;
  store::StoreWriter* writer_;
  SharedDictionary dictionary_;
  std::vector<State> states_;
  std::map<std::string, Range> ranges_;  // by Target::RangeName()
  std::vector<std::thread> threads_;
  std::vector<Appended> appended_;
  bool is_refusal_told_ = false;

  mutable std::mutex mutex_;
  std::condition_variable due_changed_;
  std::condition_variable outcome_added_;
  std::optional<Lanes> lanes_;   // since polling has begun
  std::list<Outcome> outcomes_;  // whose places are made before the polls
  bool stopping_ = false;
  CollectorCounters counters_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_COLLECTOR_H_
