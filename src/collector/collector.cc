// SPDX-License-Identifier: MIT
#include "collector/collector.h"

#include <algorithm>
#include <utility>

#include "base/errno_status.h"
#include "base/log.h"

namespace stacksampler::collector {
namespace {

constexpr std::chrono::seconds kCommitRetry{1};
constexpr std::chrono::milliseconds kSlow{1000};  // or half of what a poll may take

// Two names of one process are two targets: each needs a cursor of its own. FNV-1a, because the
// name must stay the same over restarts.
std::string ReaderName(const store::StoreWriter& writer, const Target& target) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : target.Name()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return writer.id() + "-" + std::to_string(hash);
}

std::string RangeName(const Target& target) { return target.host + ' ' + target.range; }

// What the store will refuse again is not worth holding.
bool IsWorthHolding(StatusCode code) {
  return code != StatusCode::kInvalidArgument && code != StatusCode::kDataLoss;
}

// A window will be offered again.
bool MustHold(const Collected& collected, const Status& refusal) {
  return collected.window.instance.empty() && IsWorthHolding(refusal.code());
}

}  // namespace

Collector::Collector(const std::vector<Target>& targets, store::StoreWriter* writer,
                     const CollectorOptions& options)
    : options_(options), writer_(writer), dictionary_(options.redactor) {
  // A target that takes longer than the interval would always be late.
  options_.fetch.total_timeout = std::min(options_.fetch.total_timeout, options_.interval);
  states_.reserve(targets.size());
  for (const Target& target : targets) {
    states_.push_back({Source(target, ReaderName(*writer, target),
                              writer->LastWindows(target.AsLabels(*options.redactor)),
                              options_.fetch, &dictionary_, options_.sample_times),
                       {},
                       Health::kUnknown,
                       false,
                       false,
                       0,
                       {}});
    if (!target.range.empty()) ++ranges_[RangeName(target)].ports;
  }
}

Collector::~Collector() {
  Stop();
  JoinPolling();
}

void Collector::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  due_changed_.notify_all();
  outcome_added_.notify_all();
}

void Collector::StartPolling() {
  const auto now = Clock::now();
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i].due = now;
    quick_.due.push({now, i});
  }
  const size_t pollers = std::min(options_.max_concurrent_polls, states_.size());
  quick_.most_polls = pollers;
  slow_.most_polls = (pollers + 1) / 2;
  for (size_t i = 0; i < pollers; ++i) threads_.emplace_back([this] { Poll(); });
}

void Collector::JoinPolling() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// What was being read when the end came has left its source, and what is held exists only here:
// both must still be written.
bool Collector::FinishPolling() {
  JoinPolling();
  bool all_stored = StoreOutcomes(std::exchange(outcomes_, {}));
  std::deque<Outcome> held;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].held.empty()) continue;
    held.push_back({i, Collected{}});  // what is held goes with the next that comes
  }
  all_stored &= StoreOutcomes(std::move(held));
  for (State& state : states_) CountGivenUp(state, state.held.Release());
  return all_stored;
}

// That with the target which is due first, nullptr when there is none.
Collector::Lane* Collector::NextLane() {
  const auto may_poll = [](const Lane& lane) {
    return !lane.due.empty() && lane.polls < lane.most_polls;
  };
  if (!may_poll(slow_)) return may_poll(quick_) ? &quick_ : nullptr;
  return may_poll(quick_) && slow_.due.top() > quick_.due.top() ? &quick_ : &slow_;
}

void Collector::Poll() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Lane* const lane = NextLane();
    if (lane == nullptr) {
      due_changed_.wait(lock);
      continue;
    }
    const Due next = lane->due.top();
    if (Clock::now() < next.when) {
      due_changed_.wait_until(lock, next.when);
      continue;
    }
    lane->due.pop();
    ++lane->polls;
    lock.unlock();
    Outcome outcome = PollTarget(next.index);
    lock.lock();
    --lane->polls;
    due_changed_.notify_one();  // the lane has room again
    // Under the lock, so that windows come to the store in the order of their ends: one that came
    // behind the end of its day would be in the next day's total.
    if (outcome.collected.ok()) outcome.collected->EndAt(NowNs());
    outcomes_.push_back(std::move(outcome));
    outcome_added_.notify_all();
  }
}

Collector::Outcome Collector::PollTarget(size_t index) {
  const auto start = Clock::now();
  // A window that there is no memory for is not acknowledged, and so offered again.
  Outcome outcome{index, IfMemoryLasts([&] { return states_[index].source.Collect(); })};
  outcome.was_slow = Clock::now() - start >= std::min(kSlow, options_.fetch.total_timeout / 2);
  return outcome;
}

bool Collector::RunOnce() {
  StartPolling();
  for (size_t seen = 0; seen < states_.size();) {
    std::unique_lock lock(mutex_);
    outcome_added_.wait(lock, [this] { return stopping_ || !outcomes_.empty(); });
    std::deque<Outcome> outcomes = std::exchange(outcomes_, {});
    if (outcomes.empty()) break;
    lock.unlock();
    seen += outcomes.size();
    static_cast<void>(StoreOutcomes(std::move(outcomes)));
  }
  Stop();
  return FinishPolling();
}

bool Collector::Run() {
  StartPolling();
  auto next_summary = Clock::now() + options_.interval;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    outcome_added_.wait_until(lock, next_summary,
                              [this] { return stopping_ || !outcomes_.empty(); });
    std::deque<Outcome> outcomes = std::exchange(outcomes_, {});
    lock.unlock();
    std::vector<Polled> polled;
    polled.reserve(outcomes.size());
    for (const Outcome& outcome : outcomes) polled.push_back({outcome.index, outcome.was_slow});
    static_cast<void>(StoreOutcomes(std::move(outcomes)));
    for (const Polled& one : polled) Reschedule(one);
    if (Clock::now() >= next_summary) {
      LogSummary();
      next_summary += options_.interval;
    }
    lock.lock();
  }
  lock.unlock();
  const bool all_stored = FinishPolling();
  LogSummary();
  return all_stored;
}

bool Collector::StoreOutcomes(std::deque<Outcome> outcomes) {
  std::vector<Outcome*> appended;
  bool all_stored = true;
  for (Outcome& outcome : outcomes) {
    switch (AppendOutcome(&outcome)) {
      case Appended::kYes:
        appended.push_back(&outcome);
        break;
      case Appended::kNothing:
        break;
      case Appended::kRefused:
        all_stored = false;
        break;
    }
  }
  if (appended.empty()) return all_stored;
  if (!CommitOrStop()) {
    Count(&CollectorCounters::unstored, appended.size());
    return false;
  }
  for (Outcome* outcome : appended) {
    Count(&CollectorCounters::stored);
    Count(&CollectorCounters::stored_weight, static_cast<uint64_t>(outcome->weight));
    const store::WindowRef& window = outcome->collected->window;
    if (!window.instance.empty()) states_[outcome->index].source.Stored(window);
  }
  return all_stored;
}

// What was appended stays in the store until it is durable, so nothing else may be appended before:
// a target that was not acknowledged would offer the same samples under a new id.
bool Collector::CommitOrStop() {
  for (bool told = false;; told = true) {
    const Status committed = writer_->Commit();
    if (committed.ok()) return true;
    if (!told) {
      Log(LogLevel::kError, "store refused, polling waits for it",
          {{"reason", committed.message()}});
    }
    std::unique_lock lock(mutex_);
    if (outcome_added_.wait_for(lock, kCommitRetry, [this] { return stopping_; })) return false;
  }
}

Collector::Appended Collector::AppendOutcome(Outcome* outcome) {
  State& state = states_[outcome->index];
  Result<Collected>& collected = outcome->collected;
  Count(&CollectorCounters::polls);
  if (!collected.ok()) {
    Failed(&state, collected.status());
    return Appended::kNothing;
  }
  SetHealth(&state, Health::kGood, "");
  if (collected->repeats) {
    LeaveOut(&state, *collected);
    return Appended::kNothing;
  }
  if (collected->malformed_lines > 0) TellMalformed(state, *collected);
  TellUntimed(&state, *collected);
  const Result<bool> added = Append(&state, outcome);
  // A window that is refused comes again.
  if (added.ok() ? *added : collected->window.instance.empty()) TellRelabelled(&state, *collected);
  if (!added.ok()) {
    Count(&CollectorCounters::unstored);
    Log(LogLevel::kError, "store refused",
        {{"target", state.source.target().Name()}, {"reason", added.status().message()}});
    return Appended::kRefused;
  }
  if (*added) {
    Count(&CollectorCounters::stray_times_weight, collected->samples.WeightTimedOutside());
    return Appended::kYes;
  }
  Count(&CollectorCounters::already_stored);
  state.source.Stored(collected->window);
  return Appended::kNothing;
}

// A window is offered again by its target; what "?reset=true" gave exists only here.
Result<bool> Collector::Append(State* state, Outcome* outcome) {
  const Collected& collected = *outcome->collected;
  store::Record record;
  record.labels = state->source.target().AsLabels(*options_.redactor);
  record.window = collected.window;
  record.bucket_ns = std::chrono::nanoseconds(options_.sample_times).count();
  if (!state->held.empty()) {
    Result<bool> added = AppendWithHeld(state, outcome, record);
    // What is refused for good is so for its own sake: alone.
    if (added.ok() || IsWorthHolding(added.status().code())) return added;
  }
  outcome->weight = collected.samples.TotalWeight();
  Result<bool> added = dictionary_.Append(collected.samples, record, writer_);
  if (!added.ok() && MustHold(collected, added.status())) {
    Hold(state, dictionary_.Copy(collected.samples));
  } else if (!added.ok() && collected.window.instance.empty()) {
    CountGivenUp(*state, collected.samples.TotalWeight());
  }
  return added;
}

// What is held stays so until it is stored: the process may have come to offer windows since, and
// one that is refused, or that the store has, takes nothing with it.
Result<bool> Collector::AppendWithHeld(State* state, Outcome* outcome, store::Record record) {
  const Collected& collected = *outcome->collected;
  Profile whole = dictionary_.Copy(collected.samples);
  const bool with_held = state->held.AddTo(&whole);
  record.start_ns = whole.start_ns;
  record.end_ns = whole.end_ns;
  record.profile = &whole;
  outcome->weight = whole.TotalWeight();
  Result<bool> added = writer_->Append(record);
  const bool must_hold = !added.ok() && MustHold(collected, added.status());
  if (with_held && (must_hold || (added.ok() && *added))) state->held.Release();
  if (must_hold) Hold(state, std::move(whole));
  return added;
}

void Collector::Hold(State* state, Profile profile) {
  CountGivenUp(*state, state->held.Release());  // what was too much to go together
  CountGivenUp(*state, state->held.Hold(std::move(profile)));
}

void Collector::CountGivenUp(const State& state, int64_t weight) {
  if (weight == 0) return;
  Count(&CollectorCounters::given_up_weight, static_cast<uint64_t>(weight));
  Log(LogLevel::kError, "samples were given up, the store refuses them",
      {{"target", state.source.target().Name()}, {"weight", std::to_string(weight)}});
}

// What was stored of the process cannot be taken out of its window any more: rather a counted loss
// than samples that count twice.
void Collector::LeaveOut(State* state, const Collected& collected) {
  Count(&CollectorCounters::left_out);
  state->source.Stored(collected.window);
  if (std::exchange(state->crowded, true)) return;
  Log(LogLevel::kWarning,
      "windows are left out, too many processes answer at one address; give each a port of its own",
      {{"target", state->source.target().Name()},
       {"at_most", std::to_string(store::kMaxInstances)}});
}

// Folded text has no times, and the endpoint of an older version gives none.
void Collector::TellUntimed(State* state, const Collected& collected) {
  const bool is_asked = options_.sample_times.count() != 0;
  if (!is_asked || collected.samples.empty()) return;
  if (collected.samples.has_times()) {
    state->untimed = 0;
    return;
  }
  Count(&CollectorCounters::without_times);
  // The first window of a process begins before anybody asked it for times.
  const int first_told = collected.window.instance.empty() ? 1 : 2;
  if (++state->untimed != first_told) return;
  Log(LogLevel::kWarning, "gives samples without their times, and they are stored so",
      {{"target", state->source.target().Name()}});
}

void Collector::TellRelabelled(State* state, const Collected& collected) {
  const int64_t weight = dictionary_.WeightUnderOwn(
      collected.samples, state->source.target().AsLabels(*options_.redactor));
  if (weight == 0) return;
  Count(&CollectorCounters::relabelled_weight, static_cast<uint64_t>(weight));
  if (std::exchange(state->relabelled, true)) return;
  Log(LogLevel::kWarning,
      "samples name a host or port of their own, and are stored under the target's",
      {{"target", state->source.target().Name()}});
}

void Collector::TellMalformed(const State& state, const Collected& collected) {
  Count(&CollectorCounters::malformed_lines, collected.malformed_lines);
  Log(LogLevel::kWarning, "malformed lines were left out",
      {{"target", state.source.target().Name()},
       {"lines", std::to_string(collected.malformed_lines)},
       {"first", collected.first_malformed}});
}

void Collector::Count(uint64_t CollectorCounters::*counter, uint64_t by) {
  const std::lock_guard lock(mutex_);
  counters_.*counter += by;
}

void Collector::Reschedule(const Polled& polled) {
  const std::lock_guard lock(mutex_);
  State& state = states_[polled.index];
  const auto now = Clock::now();
  state.due += options_.interval;
  while (state.due <= now) {
    state.due += options_.interval;
    ++counters_.missed_rounds;
  }
  (polled.was_slow ? slow_ : quick_).due.push({state.due, polled.index});
  due_changed_.notify_one();
}

// A pre-forking server seldom fills its range: nobody at one of its ports is no failure.
void Collector::Failed(State* state, const Status& status) {
  const bool empty =
      !state->source.target().range.empty() && status.code() == StatusCode::kNotFound;
  Count(empty ? &CollectorCounters::empty : &CollectorCounters::failed);
  SetHealth(state, empty ? Health::kEmpty : Health::kBad, status.message());
}

void Collector::SetHealth(State* state, Health health, const std::string& reason) {
  const Health before = std::exchange(state->health, health);
  if (before == health) return;
  const std::string target = state->source.target().Name();
  if (health == Health::kBad) {
    Log(LogLevel::kWarning, "target failed", {{"target", target}, {"reason", reason}});
  } else if (health == Health::kGood) {
    Log(LogLevel::kInfo, "target answers", {{"target", target}});
  } else if (before != Health::kUnknown) {
    Log(LogLevel::kInfo, "target is gone", {{"target", target}, {"reason", reason}});
  }
  CountEmpty(*state, before);
}

void Collector::CountEmpty(const State& state, Health before) {
  const Target& target = state.source.target();
  if (target.range.empty()) return;
  Range& range = ranges_[RangeName(target)];
  range.empty -= before == Health::kEmpty;
  if (state.health != Health::kEmpty || ++range.empty < range.ports) return;
  Log(LogLevel::kWarning, "nothing listens in the range",
      {{"host", target.host}, {"ports", target.range}});
}

void Collector::LogSummary() {
  const CollectorCounters now = counters();
  size_t good = 0;
  for (const State& state : states_) good += state.health == Health::kGood;
  Log(LogLevel::kInfo, "collected",
      {{"targets", std::to_string(states_.size())},
       {"answering", std::to_string(good)},
       {"polls", std::to_string(now.polls)},
       {"stored", std::to_string(now.stored)},
       {"weight", std::to_string(now.stored_weight)},
       {"failed", std::to_string(now.failed)},
       {"empty", std::to_string(now.empty)},
       {"unstored", std::to_string(now.unstored)},
       {"already_stored", std::to_string(now.already_stored)},
       {"left_out", std::to_string(now.left_out)},
       {"given_up_weight", std::to_string(now.given_up_weight)},
       {"malformed_lines", std::to_string(now.malformed_lines)},
       {"without_times", std::to_string(now.without_times)},
       {"stray_times_weight", std::to_string(now.stray_times_weight)},
       {"relabelled_weight", std::to_string(now.relabelled_weight)},
       {"missed_rounds", std::to_string(now.missed_rounds)}});
}

CollectorCounters Collector::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

size_t Collector::empty_ranges() const {
  return static_cast<size_t>(std::count_if(ranges_.begin(), ranges_.end(), [](const auto& named) {
    return named.second.empty == named.second.ports;
  }));
}

}  // namespace stacksampler::collector
