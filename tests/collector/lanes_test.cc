// SPDX-License-Identifier: MIT
#include "collector/lanes.h"

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace stacksampler::collector {
namespace {

constexpr Lanes::Time kStart{};

Lanes::Time At(int64_t tick) { return kStart + std::chrono::seconds(tick); }

// Targets that are polled every ten ticks: a quick poll takes one, a slow one twenty.
class Simulation {
 public:
  using IsSlow = std::function<bool(size_t target, int poll)>;

  Simulation(size_t targets, size_t polls, IsSlow is_slow)
      : lanes_(targets, polls, polls / 2),
        polls_(polls),
        is_slow_(std::move(is_slow)),
        polled_(targets) {
    for (size_t i = 0; i < targets; ++i) lanes_.Add(i, At(0));
  }

  void Run(int64_t ticks) {
    for (const int64_t end = now_ + ticks; now_ < end; ++now_) {
      EndPolls();
      BeginPolls();
    }
  }

  // Ticks that its polls began too late.
  [[nodiscard]] int64_t Waited(size_t target) { return waited_[target]; }
  [[nodiscard]] int Polled(size_t target) const { return polled_[target]; }
  void Forget() { waited_.clear(); }

 private:
  struct Poll {
    Lanes::Turn turn;
    bool was_slow;
  };

  void EndPolls() {
    for (auto it = running_.begin(); it != running_.end() && it->first <= now_;) {
      const Poll poll = it->second;
      it = running_.erase(it);
      lanes_.End(poll.turn.target, poll.was_slow);
      Lanes::Time next = poll.turn.when;
      while (next <= At(now_)) next += std::chrono::seconds(10);
      lanes_.Add(poll.turn.target, next);
    }
  }

  void BeginPolls() {
    while (running_.size() < polls_) {
      const auto turn = lanes_.Next();
      if (!turn || turn->when > At(now_)) return;
      const bool is_slow = is_slow_(turn->target, polled_[turn->target]++);
      waited_[turn->target] += (At(now_) - turn->when) / std::chrono::seconds(1);
      lanes_.Begin(*turn);
      running_.emplace(now_ + (is_slow ? 20 : 1), Poll{*turn, is_slow});
    }
  }

  Lanes lanes_;
  const size_t polls_;
  IsSlow is_slow_;
  std::vector<int> polled_;
  std::map<size_t, int64_t> waited_;
  std::multimap<int64_t, Poll> running_;  // by their ends
  int64_t now_ = 0;
};

TEST_CASE("Lanes: one that is quick never waits for any number that are slow every other time") {
  Simulation targets(100, 8, [](size_t target, int poll) { return target > 0 && poll % 2 == 1; });
  targets.Run(3000);  // the first rounds, in which nobody is proven
  targets.Forget();
  const int before = targets.Polled(0);
  targets.Run(2000);
  CHECK(targets.Waited(0) == 0);
  CHECK(targets.Polled(0) - before == 200);
}

TEST_CASE("Lanes: those that were slow once they were proven need longer proof") {
  constexpr int kPeriod = Lanes::kProof + 1;
  Simulation targets(
      9, 8, [](size_t target, int poll) { return target > 0 && poll % kPeriod == kPeriod - 1; });
  targets.Run(1000);
  CHECK(targets.Waited(0) > 0);  // once, when all that had proven themselves were slow
  targets.Forget();
  targets.Run(1000);
  CHECK(targets.Waited(0) == 0);
}

TEST_CASE("Lanes: targets that nothing is known of leave room for those that are proven") {
  Lanes lanes(6, 4, 2);
  for (size_t i = 0; i < 6; ++i) lanes.Add(i, At(0));
  for (uint32_t round = 0; round < Lanes::kProof; ++round) {
    for (size_t begun = 0; begun < 6; ++begun) {
      const auto turn = lanes.Next();
      REQUIRE(turn);
      lanes.Begin(*turn);
      lanes.End(turn->target, turn->target >= 2);  // 0 and 1 are quick
      lanes.Add(turn->target, At(round + 1));
    }
  }
  for (int begun = 0; begun < 4; ++begun) {
    REQUIRE(lanes.Next());
    // The proven ones come first, then two of the four others.
    CHECK((lanes.Next()->target < 2) == (begun < 2));
    lanes.Begin(*lanes.Next());
  }
  CHECK_FALSE(lanes.Next());
}

TEST_CASE("Lanes: what is due first comes first, whatever is known of it") {
  Lanes lanes(2, 2, 1);
  lanes.Add(1, At(2));
  lanes.Add(0, At(1));
  CHECK(lanes.Next()->target == 0);
  lanes.Begin(*lanes.Next());
  CHECK_FALSE(lanes.Next());  // the only place of those without proof
  lanes.End(0, false);
  CHECK(lanes.Next()->target == 1);
}

}  // namespace
}  // namespace stacksampler::collector
