// SPDX-License-Identifier: MIT
#include "collector/collector.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace stacksampler::collector {
namespace {

// What a refusing store makes us hold of one source, at most: about 100 bytes a stack.
constexpr size_t kMaxHeldStacks = 200'000;
constexpr std::chrono::seconds kCommitRetry{1};

}  // namespace

Collector::Collector(const std::vector<Target>& targets, store::StoreWriter* writer,
                     const CollectorOptions& options)
    : options_(options), writer_(writer) {
  // A target that takes longer than the interval would always be late.
  options_.fetch.total_timeout = std::min(options_.fetch.total_timeout, options_.interval);
  states_.reserve(targets.size());
  for (const Target& target : targets) {
    states_.push_back(
        {Source(target, writer->id(), writer->LastWindow(target.AsLabels()), options_.fetch),
         {},
         Health::kUnknown,
         {}});
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
    due_.push({now, i});
  }
  const size_t pollers = std::min(options_.max_concurrent_polls, states_.size());
  for (size_t i = 0; i < pollers; ++i) threads_.emplace_back([this] { Poll(); });
}

void Collector::JoinPolling() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// What was being read when the end came has left its source: it must still be written.
void Collector::FinishPolling() {
  JoinPolling();
  std::deque<Outcome> rest = std::exchange(outcomes_, {});
  if (!rest.empty()) StoreOutcomes(std::move(rest));
}

void Collector::Poll() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      due_changed_.wait(lock);
      continue;
    }
    const Due next = due_.top();
    if (Clock::now() < next.when) {
      due_changed_.wait_until(lock, next.when);
      continue;
    }
    due_.pop();
    lock.unlock();
    Outcome outcome{next.index, states_[next.index].source.Collect()};
    lock.lock();
    outcomes_.push_back(std::move(outcome));
    outcome_added_.notify_all();
  }
}

void Collector::RunOnce() {
  StartPolling();
  for (size_t seen = 0; seen < states_.size();) {
    std::unique_lock lock(mutex_);
    outcome_added_.wait(lock, [this] { return stopping_ || !outcomes_.empty(); });
    std::deque<Outcome> outcomes = std::exchange(outcomes_, {});
    if (outcomes.empty()) break;
    lock.unlock();
    seen += outcomes.size();
    StoreOutcomes(std::move(outcomes));
  }
  Stop();
  FinishPolling();
}

void Collector::Run() {
  StartPolling();
  auto next_summary = Clock::now() + options_.interval;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    outcome_added_.wait_until(lock, next_summary,
                              [this] { return stopping_ || !outcomes_.empty(); });
    std::deque<Outcome> outcomes = std::exchange(outcomes_, {});
    lock.unlock();
    std::vector<size_t> polled;
    for (const Outcome& outcome : outcomes) polled.push_back(outcome.index);
    if (!outcomes.empty()) StoreOutcomes(std::move(outcomes));
    for (const size_t index : polled) Reschedule(index);
    if (Clock::now() >= next_summary) {
      LogSummary();
      next_summary += options_.interval;
    }
    lock.lock();
  }
  lock.unlock();
  FinishPolling();
  LogSummary();
}

void Collector::StoreOutcomes(std::deque<Outcome> outcomes) {
  std::vector<Outcome*> appended;
  for (Outcome& outcome : outcomes) {
    if (AppendOutcome(&outcome)) appended.push_back(&outcome);
  }
  if (appended.empty()) return;
  const bool committed = CommitOrStop();
  const std::lock_guard lock(mutex_);
  for (Outcome* outcome : appended) {
    if (!committed) {
      ++counters_.unstored;
      continue;
    }
    ++counters_.stored;
    counters_.stored_weight += static_cast<uint64_t>(outcome->collected->profile.TotalWeight());
    State& state = states_[outcome->index];
    state.held = Profile();
    if (!outcome->collected->window.instance.empty()) {
      state.source.Stored(outcome->collected->window);
    }
  }
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

// True when the record waits for the commit.
bool Collector::AppendOutcome(Outcome* outcome) {
  State& state = states_[outcome->index];
  Result<Collected>& collected = outcome->collected;
  const std::lock_guard lock(mutex_);
  ++counters_.polls;
  if (!collected.ok()) {
    ++counters_.failed;
    SetHealth(&state, Health::kBad, collected.status().message());
    return false;
  }
  SetHealth(&state, Health::kGood, "");
  if (collected->malformed_lines > 0) {
    counters_.malformed_lines += collected->malformed_lines;
    Log(LogLevel::kWarning, "malformed lines were left out",
        {{"target", state.source.target().Name()},
         {"lines", std::to_string(collected->malformed_lines)},
         {"first", collected->first_malformed}});
  }
  const Result<bool> added = Append(&state, &*collected);
  if (!added.ok()) {
    ++counters_.unstored;
    Hold(&state, &*collected);
    Log(LogLevel::kError, "store refused",
        {{"target", state.source.target().Name()}, {"reason", added.status().message()}});
    return false;
  }
  if (!*added) {
    ++counters_.already_stored;
    state.source.Stored(collected->window);
  }
  return *added;
}

Result<bool> Collector::Append(State* state, Collected* collected) {
  if (!state->held.samples().empty()) collected->profile.Merge(state->held);
  store::Record record;
  record.labels = state->source.target().AsLabels();
  record.window = collected->window;
  record.start_ns = collected->profile.start_ns;
  record.end_ns = collected->profile.end_ns;
  record.profile = &collected->profile;
  return writer_->Append(record);
}

// A window is offered again by its target; what "?reset=true" gave exists only here.
void Collector::Hold(State* state, Collected* collected) {
  if (!collected->window.instance.empty()) return;
  state->held = std::move(collected->profile);  // what was held before is in it already
  if (state->held.stacks().size() <= kMaxHeldStacks) return;
  Log(LogLevel::kError, "samples were given up, the store refuses for too long",
      {{"target", state->source.target().Name()},
       {"weight", std::to_string(state->held.TotalWeight())}});
  state->held = Profile();
}

void Collector::Reschedule(size_t index) {
  const std::lock_guard lock(mutex_);
  State& state = states_[index];
  const auto now = Clock::now();
  state.due += options_.interval;
  while (state.due <= now) {
    state.due += options_.interval;
    ++counters_.missed_rounds;
  }
  due_.push({state.due, index});
  due_changed_.notify_one();
}

void Collector::SetHealth(State* state, Health health, const std::string& reason) {
  if (state->health == health) return;
  const std::string target = state->source.target().Name();
  if (health == Health::kBad) {
    Log(LogLevel::kWarning, "target failed", {{"target", target}, {"reason", reason}});
  } else {
    Log(LogLevel::kInfo, "target answers", {{"target", target}});
  }
  state->health = health;
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
       {"unstored", std::to_string(now.unstored)},
       {"malformed_lines", std::to_string(now.malformed_lines)},
       {"missed_rounds", std::to_string(now.missed_rounds)}});
}

CollectorCounters Collector::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace stacksampler::collector
