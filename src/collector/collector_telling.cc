// SPDX-License-Identifier: MIT
//
// What the collector counts and says of its targets.
#include <string>
#include <utility>

#include "base/log.h"
#include "collector/collector.h"

namespace stacksampler::collector {

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
  Range& range = ranges_[target.RangeName()];
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

}  // namespace stacksampler::collector
