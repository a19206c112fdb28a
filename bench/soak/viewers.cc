// SPDX-License-Identifier: MIT
#include "viewers.h"

#include <algorithm>
#include <exception>
#include <random>

#include "http/client.h"

namespace stacksampler::bench {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(1);
constexpr std::chrono::milliseconds kHourCheck{100};
constexpr size_t kMostTold = 20;
constexpr int kBusy = 503;

}  // namespace

Viewers::Viewers(const ViewerOptions& options, const Ledger& ledger, const Bodies& bodies,
                 const std::vector<uint16_t>& ports)
    : options_(options), ledger_(ledger) {
  const auto questions = [&](uint64_t seed) {
    return Questions(ledger, bodies, ports, options.start_ns, seed);
  };
  for (size_t i = 0; i < options.viewers; ++i) {
    threads_.emplace_back(
        [this, i, mine = questions(i + 1)]() mutable { View(std::move(mine), i); });
  }
  threads_.emplace_back([this, mine = questions(0)] { CheckHours(mine); });
}

void Viewers::Stop() {
  Resume();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Viewers::Rest() {
  std::unique_lock lock(mutex_);
  resting_ = true;
  resting_changed_.wait(lock, [this] { return asking_ == 0; });
}

void Viewers::Resume() {
  {
    const std::lock_guard lock(mutex_);
    resting_ = false;
  }
  resting_changed_.notify_all();
}

bool Viewers::Pause(std::chrono::milliseconds length) {
  std::unique_lock lock(mutex_);
  return !stop_.wait_for(lock, length, [this] { return stopping_; });
}

void Viewers::View(Questions questions, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pause = [&] {
    return std::chrono::milliseconds(random() % static_cast<uint64_t>(options_.pause.count()));
  };
  while (Pause(pause())) {
    const Questions::Kind kind = questions.NextKind();
    const auto question = questions.Make(kind, KeptOf(options_.store));
    if (question) Count(kind, Ask(*question));
  }
}

// One after the other, so that each window is in one answer at least.
void Viewers::CheckHours(const Questions& questions) {
  int64_t hour = options_.start_ns;
  while (Pause(kHourCheck)) {
    const Span span{hour, hour + kHourNs};
    if (ledger_.SettledUntil() < span.until_ns) continue;
    if (ledger_.Weight(span) > 0) {  // else the polls were late
      const Outcome outcome = Ask(questions.OfEachPort(span));
      Count(Questions::kKinds, outcome);
      if (outcome == Outcome::kRefused || outcome == Outcome::kNone) continue;
    }
    hour += kHourNs;
  }
}

bool Viewers::IsKept(const Question& question) const {
  const Kept kept = KeptOf(options_.store);
  return std::all_of(question.spans.begin(), question.spans.end(),
                     [&](const Span& span) { return kept.Has(span); });
}

Viewers::Outcome Viewers::Ask(const Question& question) {
  {
    std::unique_lock lock(mutex_);
    resting_changed_.wait(lock, [this] { return !resting_; });
    ++asking_;
  }
  const Outcome outcome = Fetch(question);
  {
    const std::lock_guard lock(mutex_);
    --asking_;
  }
  resting_changed_.notify_all();
  return outcome;
}

Viewers::Outcome Viewers::Fetch(const Question& question) {
  http::FetchOptions fetch;
  fetch.total_timeout = kLongest;
  const auto answer = http::Get("127.0.0.1", options_.port, question.path, fetch);
  if (!answer.ok()) return Outcome::kNone;
  if (answer->status == kBusy) return Outcome::kRefused;
  std::string wrong;
  try {
    wrong = answer->status == 200 ? question.check(answer->body)
                                  : "HTTP " + std::to_string(answer->status);
  } catch (const std::exception& error) {
    wrong = error.what();
  }
  if (wrong.empty()) return Outcome::kRight;
  if (!IsKept(question)) return Outcome::kExpired;
  const std::lock_guard lock(mutex_);
  if (wrong_.size() < kMostTold) wrong_.push_back(question.path + ": " + wrong);
  return Outcome::kWrong;
}

void Viewers::Count(size_t kind, Outcome outcome) {
  static constexpr uint64_t AnswerCounts::*kCounters[] = {
      &AnswerCounts::right, &AnswerCounts::wrong, &AnswerCounts::expired, &AnswerCounts::refused,
      &AnswerCounts::none};
  const std::lock_guard lock(mutex_);
  ++(counts_[kind].*kCounters[static_cast<size_t>(outcome)]);
}

Viewers::Counts Viewers::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

AnswerCounts Viewers::Sum() const {
  AnswerCounts sum;
  for (const AnswerCounts& one : counts()) {
    sum.right += one.right;
    sum.wrong += one.wrong;
    sum.expired += one.expired;
    sum.refused += one.refused;
    sum.none += one.none;
  }
  return sum;
}

std::vector<std::string> Viewers::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

}  // namespace stacksampler::bench
