// SPDX-License-Identifier: MIT
#include "collector/collector.h"

#include <algorithm>
#include <utility>

#include "base/errno_status.h"
#include "base/log.h"

namespace stacksampler::collector {
namespace {

constexpr std::chrono::milliseconds kMemoryRetry{100};
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
    if (!target.range.empty()) ++ranges_[target.RangeName()].ports;
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

void Collector::StartPolling(bool once) {
  const size_t pollers = std::min(options_.max_concurrent_polls, states_.size());
  lanes_.emplace(states_.size(), pollers, once ? pollers : (pollers + 1) / 2);
  const auto now = Clock::now();
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i].due = now;
    lanes_->Add(i, now);
  }
  for (size_t i = 0; i < pollers; ++i) threads_.emplace_back([this] { Poll(); });
}

void Collector::JoinPolling() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// False when there is no memory for it yet.
bool Collector::MakeRoom(std::list<Outcome>* one) {
  const auto add = [&] {
    if (one->empty()) one->push_back({0, Collected{}});
    return Status::Ok();
  };
  return IfMemoryLasts(add).ok();
}

// Nobody is there to catch what a thread throws: whatever may is in MakeRoom() and PollTarget().
void Collector::Poll() {
  std::list<Outcome> outcome;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto turn = lanes_->Next();
    if (!turn) {
      due_changed_.wait(lock);
    } else if (Clock::now() < turn->when) {
      due_changed_.wait_until(lock, turn->when);
    } else if (!MakeRoom(&outcome)) {
      due_changed_.wait_for(lock, kMemoryRetry);
    } else {
      lanes_->Begin(*turn);
      lock.unlock();
      const bool was_slow = PollTarget(turn->target, &outcome.front());
      lock.lock();
      lanes_->End(turn->target, was_slow);
      due_changed_.notify_one();  // the lane has room again
      // Under the lock, so that windows come to the store in the order of their ends: one that came
      // behind the end of its day would be in the next day's total.
      if (outcome.front().collected.ok()) outcome.front().collected->EndAt(NowNs());
      outcomes_.splice(outcomes_.end(), outcome);
      outcome_added_.notify_all();
    }
  }
}

bool Collector::PollTarget(size_t index, Outcome* outcome) {
  const auto start = Clock::now();
  outcome->index = index;
  // A window that there is no memory for is not acknowledged, and so offered again.
  outcome->collected = IfMemoryLasts([&] { return states_[index].source.Collect(); });
  return Clock::now() - start >= std::min(kSlow, options_.fetch.total_timeout / 2);
}

bool Collector::RunOnce() {
  StartPolling(true);
  bool all_stored = true;
  for (size_t seen = 0; seen < states_.size();) {
    std::unique_lock lock(mutex_);
    outcome_added_.wait(lock, [this] { return stopping_ || !outcomes_.empty(); });
    const std::list<Outcome> outcomes = std::exchange(outcomes_, {});
    if (outcomes.empty()) break;
    lock.unlock();
    seen += outcomes.size();
    all_stored &= Append(outcomes);
    static_cast<void>(Settle());
  }
  Stop();
  return FinishPolling() && all_stored;
}

bool Collector::Run() {
  StartPolling(false);
  auto next_summary = Clock::now() + options_.interval;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    outcome_added_.wait_until(lock, next_summary,
                              [this] { return stopping_ || !outcomes_.empty(); });
    const std::list<Outcome> outcomes = std::exchange(outcomes_, {});
    lock.unlock();
    static_cast<void>(Append(outcomes));  // a window that was refused comes again
    static_cast<void>(Settle());
    for (const Outcome& outcome : outcomes) Reschedule(outcome.index);
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

// What was being read when the end came has left its source, and what is held exists only here:
// both must still be written.
bool Collector::FinishPolling() {
  JoinPolling();
  bool all_stored = Append(std::exchange(outcomes_, {}));
  for (State& state : states_) all_stored &= AppendHeld(&state, NowNs());
  all_stored &= Settle();
  GiveUpAppended();
  for (State& state : states_) {
    all_stored &= state.held.empty();
    CountGivenUp(state, state.held.Release());
  }
  return all_stored;
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
  lanes_->Add(index, state.due);
  due_changed_.notify_one();
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
