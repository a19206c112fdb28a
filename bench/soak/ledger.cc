// SPDX-License-Identifier: MIT
#include "ledger.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace stacksampler::bench {

void Ledger::Asked(int64_t turn) {
  const std::lock_guard lock(mutex_);
  ReadClock();
  ends_[turn] = 0;
}

void Ledger::GaveUp(int64_t turn) {
  const std::lock_guard lock(mutex_);
  ends_.erase(turn);
}

void Ledger::Stored(size_t target, int64_t turn, uint32_t body, int64_t weight) {
  const std::lock_guard lock(mutex_);
  const auto found = ends_.find(turn);
  if (found == ends_.end() || !AwaitEnd(&found->second)) {
    ++lost_;
    return;
  }
  Windows& windows = windows_[target];
  const int64_t before = windows.empty() ? 0 : windows.back().weight_until;
  windows.push_back({found->second, before + weight, body});
  ends_.erase(found);
  ++stored_;
}

// The list is read in its order, and a thread may be halted where it is about to write its line.
bool Ledger::AwaitEnd(const int64_t* end_ns) {
  constexpr int kTries = 10'000;
  for (int i = 0; i < kTries; ++i) {
    ReadClock();
    if (*end_ns != 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

void Ledger::ReadClock() {
  for (;; ++read_) {
    const SharedClock::Told& told = clock_->told[read_ % SharedClock::kRemembered];
    const uint64_t number = told.number;
    if (number < read_ + 1) return;
    if (number > read_ + 1) {
      std::fputs("soak: the clock's list was overwritten before it was read\n", stderr);
      std::exit(EXIT_FAILURE);
    }
    int64_t& last = last_told_[told.thread];
    const auto asked = ends_.find(last);
    if (asked != ends_.end() && asked->second == 0) asked->second = told.ns;
    last = told.ns;
  }
}

int64_t Ledger::SettledUntil() const {
  const std::lock_guard lock(mutex_);
  int64_t settled = INT64_MAX;
  for (const Windows& windows : windows_) {
    settled = std::min(settled, windows.empty() ? 0 : windows.back().end_ns);
  }
  return settled;
}

Ledger::Places Ledger::In(const Windows& windows, const Span& span) {
  const auto begin = std::lower_bound(windows.begin(), windows.end(), span.from_ns,
                                      [](const Window& a, int64_t ns) { return a.end_ns < ns; });
  const auto end = std::upper_bound(windows.begin(), windows.end(), span.until_ns,
                                    [](int64_t ns, const Window& a) { return ns < a.end_ns; });
  return {static_cast<size_t>(begin - windows.begin()), static_cast<size_t>(end - windows.begin())};
}

int64_t Ledger::WeightIn(const Windows& windows, const Span& span) {
  const Places in = In(windows, span);
  const auto until = [&](size_t place) { return place == 0 ? 0 : windows[place - 1].weight_until; };
  return in.end <= in.begin ? 0 : until(in.end) - until(in.begin);
}

int64_t Ledger::Weight(size_t target, const Span& span) const {
  const std::lock_guard lock(mutex_);
  return WeightIn(windows_[target], span);
}

int64_t Ledger::Weight(const Span& span) const {
  const std::lock_guard lock(mutex_);
  int64_t sum = 0;
  for (const Windows& windows : windows_) sum += WeightIn(windows, span);
  return sum;
}

void Ledger::ForEachBody(size_t target, const Span& span,
                         const std::function<void(uint32_t)>& visit) const {
  const std::lock_guard lock(mutex_);
  const Places in = In(windows_[target], span);
  for (size_t i = in.begin; i < in.end; ++i) visit(windows_[target][i].body);
}

uint64_t Ledger::windows() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}

uint64_t Ledger::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace stacksampler::bench
