// SPDX-License-Identifier: MIT
//
// How the collector brings to the store what polls gave, and keeps what the store refuses.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "collector/collector.h"

namespace stacksampler::collector {
namespace {

constexpr std::chrono::seconds kCommitRetry{1};

// What the store will refuse again is not worth holding.
bool IsWorthHolding(StatusCode code) {
  return code != StatusCode::kInvalidArgument && code != StatusCode::kDataLoss;
}

}  // namespace

bool Collector::Append(const std::list<Outcome>& outcomes) {
  bool none_lost = true;
  for (const Outcome& outcome : outcomes) {
    State& state = states_[outcome.index];
    Count(&CollectorCounters::polls);
    if (outcome.collected.ok()) {
      none_lost &= AppendCollected(&state, *outcome.collected);
    } else {
      Failed(&state, outcome.collected.status());
    }
  }
  return none_lost;
}

bool Collector::AppendCollected(State* state, const Collected& collected) {
  SetHealth(state, Health::kGood, "");
  if (collected.repeats) {
    LeaveOut(state, collected);
    return true;
  }
  if (collected.malformed_lines > 0) TellMalformed(*state, collected);
  TellUntimed(state, collected);
  const bool none_given_up = AppendHeld(state, collected.samples.end_ns);
  const Result<bool> added =
      dictionary_.Append(collected.samples, RecordFor(*state, collected.window), writer_);
  // A window that is refused comes again.
  if (added.ok() ? *added : collected.window.instance.empty()) TellRelabelled(state, collected);
  if (!added.ok()) return Refused(state, collected, added.status());
  if (*added) {
    Count(&CollectorCounters::stray_times_weight, collected.samples.WeightTimedOutside());
    appended_.push_back({state, collected.window, collected.samples.TotalWeight(), true});
  } else {
    Count(&CollectorCounters::already_stored);
    state->source.Stored(collected.window);
  }
  return none_given_up;
}

store::Record Collector::RecordFor(const State& state, const store::WindowRef& window) const {
  store::Record record;
  record.labels = state.source.target().AsLabels(*options_.redactor);
  record.window = window;
  record.bucket_ns = std::chrono::nanoseconds(options_.sample_times).count();
  return record;
}

// A window is offered again by its target; what "?reset=true" gave exists only here. False when it
// was not stored and is not held either.
bool Collector::Refused(State* state, const Collected& collected, const Status& refusal) {
  Count(&CollectorCounters::unstored);
  Log(LogLevel::kError, "store refused",
      {{"target", state->source.target().Name()}, {"reason", refusal.message()}});
  if (!collected.window.instance.empty()) return false;
  const int64_t given_up = IsWorthHolding(refusal.code())
                               ? state->held.Add(dictionary_.Copy(collected.samples))
                               : collected.samples.TotalWeight();
  CountGivenUp(*state, given_up);
  return given_up == 0;
}

// As a record of its own: the process may have come to offer windows since, and neither takes the
// other along when it is refused. It ends when it comes to the store, as records do in the order of
// their ends. False when it is given up.
bool Collector::AppendHeld(State* state, int64_t end_ns) {
  if (state->held.empty()) return true;
  const Profile& held = state->held.profile();
  store::Record record = RecordFor(*state, {});
  record.start_ns = held.start_ns;
  record.end_ns = std::max(held.end_ns, end_ns);
  record.profile = &held;
  const Result<bool> added = writer_->Append(record);
  if (!added.ok() && IsWorthHolding(added.status().code())) return true;
  const int64_t weight = state->held.Release();
  if (added.ok()) {
    appended_.push_back({state, {}, weight, false});
  } else {
    CountGivenUp(*state, weight);
  }
  return added.ok();
}

// False when the end came first: what was appended may be settled once more.
bool Collector::Settle() {
  if (appended_.empty()) return true;
  if (!CommitOrStop()) return false;
  for (const Appended& one : std::exchange(appended_, {})) {
    Count(&CollectorCounters::stored_weight, static_cast<uint64_t>(one.weight));
    if (one.is_poll) Count(&CollectorCounters::stored);
    if (!one.window.instance.empty()) one.state->source.Stored(one.window);
  }
  return true;
}

void Collector::GiveUpAppended() {
  for (const Appended& one : std::exchange(appended_, {})) {
    if (one.is_poll) Count(&CollectorCounters::unstored);
    if (one.window.instance.empty()) CountGivenUp(*one.state, one.weight);
  }
}

// What was appended stays in the store until it is durable, so nothing else may be appended before:
// a target that was not acknowledged would offer the same samples under a new id.
bool Collector::CommitOrStop() {
  for (;;) {
    const Status committed = writer_->Commit();
    if (committed.ok()) {
      is_refusal_told_ = false;
      return true;
    }
    if (!std::exchange(is_refusal_told_, true)) {
      Log(LogLevel::kError, "store refused, polling waits for it",
          {{"reason", committed.message()}});
    }
    std::unique_lock lock(mutex_);
    if (outcome_added_.wait_for(lock, kCommitRetry, [this] { return stopping_; })) return false;
  }
}

void Collector::CountGivenUp(const State& state, int64_t weight) {
  if (weight == 0) return;
  Count(&CollectorCounters::given_up_weight, static_cast<uint64_t>(weight));
  Log(LogLevel::kError, "samples were given up, the store refuses them",
      {{"target", state.source.target().Name()}, {"weight", std::to_string(weight)}});
}

}  // namespace stacksampler::collector
