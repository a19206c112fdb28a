// SPDX-License-Identifier: MIT
//
// The statistics of a comparison, on draws from distributions that are known. Every round has a
// seed of its own, so no result hangs on a lucky one, and each test is the same in every run.
#include "visualizer/change_stats.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.h"

namespace stacksampler::visualizer {
namespace {

constexpr size_t kParts = 200;
constexpr size_t kIntervals = 12;
constexpr int kSamplesPerInterval = 3000;
constexpr int kRounds = 40;

/// Uniform in [0, 1), the same with every library.
double Uniform(std::mt19937_64* random) {
  return static_cast<double>((*random)() >> 11) * 0x1.0p-53;
}

/// Shares of parts, heavy-tailed as functions are.
std::vector<double> HeavyTail() {
  std::vector<double> shares;
  double sum = 0;
  for (size_t i = 0; i < kParts; ++i) {
    shares.push_back(1.0 / static_cast<double>(i + 2));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

struct Period {
  PeriodSums all;
  std::vector<PartSums> parts{kParts};
};

/// Intervals of unequal load; `drift` makes shares wander from interval to interval, as they do.
Period Draw(const std::vector<double>& shares, double drift, std::mt19937_64* random) {
  Period period;
  for (size_t interval = 0; interval < kIntervals; ++interval) {
    std::vector<double> bounds;
    double sum = 0;
    for (const double share : shares) {
      bounds.push_back(sum += share * (1 + drift * (2 * Uniform(random) - 1)));
    }
    const int samples =
        kSamplesPerInterval / 2 + static_cast<int>(kSamplesPerInterval * Uniform(random));
    std::vector<int> counts(kParts);
    for (int i = 0; i < samples; ++i) {
      const auto at = std::upper_bound(bounds.begin(), bounds.end(), sum * Uniform(random));
      ++counts[std::min(static_cast<size_t>(at - bounds.begin()), kParts - 1)];
    }
    period.all.Add(samples);
    for (size_t i = 0; i < kParts; ++i) period.parts[i].Add(counts[i], samples);
  }
  return period;
}

std::vector<bool> Significant(const Period& base, const Period& current) {
  std::vector<Change> changes;
  for (size_t i = 0; i < kParts; ++i) {
    changes.push_back(CompareShares(base.all, base.parts[i], current.all, current.parts[i]));
  }
  return Discoveries(changes);
}

TEST_CASE("Change: two periods of one distribution differ in at most 5 % of their parts") {
  for (const double drift : {0.0, 0.3}) {
    size_t found = 0;
    size_t rounds_with_any = 0;
    for (uint64_t seed = 1; seed <= kRounds; ++seed) {
      std::mt19937_64 random(seed);
      const Period base = Draw(HeavyTail(), drift, &random);
      const auto significant = Significant(base, Draw(HeavyTail(), drift, &random));
      const auto count = std::count(significant.begin(), significant.end(), true);
      CHECK(count <= static_cast<int>(kParts / 20));
      found += static_cast<size_t>(count);
      rounds_with_any += count > 0 ? 1 : 0;
    }
    INFO("drift " << drift << ": " << found << " of " << kRounds * kParts);
    CHECK(found <= kRounds * kParts / 100);
    CHECK(rounds_with_any <= kRounds / 8);  // the rate promised is one of 20
  }
}

TEST_CASE("Change: a shift of two points is found, and its interval holds the truth") {
  std::vector<double> shifted = HeavyTail();
  constexpr size_t kPart = 4;  // of 3.4 %
  const double points = 0.02;
  for (size_t i = 0; i < kParts; ++i)
    shifted[i] *= i == kPart ? 1 : 1 - points / (1 - shifted[kPart]);
  shifted[kPart] += points;
  int held = 0;
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    std::mt19937_64 random(seed);
    const Period base = Draw(HeavyTail(), 0.1, &random);
    const Period current = Draw(shifted, 0.1, &random);
    CHECK(Significant(base, current)[kPart]);
    const Change change =
        CompareShares(base.all, base.parts[kPart], current.all, current.parts[kPart]);
    held += change.low <= points && points <= change.high ? 1 : 0;
  }
  CHECK(held >= kRounds * 85 / 100);
}

TEST_CASE("Change: new and vanished parts are found once they were sampled often enough") {
  const auto period = [](double weight) {
    std::pair<PeriodSums, PartSums> sums;
    for (int i = 0; i < 12; ++i) {
      sums.first.Add(1000);
      sums.second.Add(weight, 1000);
    }
    return sums;
  };
  const auto compare = [&](double base, double current) {
    const auto [base_all, base_part] = period(base);
    const auto [current_all, current_part] = period(current);
    return CompareShares(base_all, base_part, current_all, current_part);
  };
  CHECK(compare(0, 5).p < 1e-6);
  CHECK(compare(5, 0).p < 1e-6);
  CHECK(compare(0, 5).low > 0);
  CHECK_FALSE(compare(0, 0.5).tested);
  CHECK(compare(7, 7).p == 1);
  CHECK(compare(1000, 1000).tested);
  CHECK(compare(1000, 1000).p == 1);
}

TEST_CASE("Change: too few intervals tell nothing") {
  PeriodSums all;
  PartSums many;
  PartSums none;
  for (size_t i = 0; i + 1 < kLeastReplicates; ++i) {
    all.Add(1000);
    many.Add(900, 1000);
    none.Add(0, 1000);
  }
  const Change change = CompareShares(all, none, all, many);
  CHECK_FALSE(change.tested);
  CHECK(std::abs(change.current - 0.9) < 1e-9);
  CHECK(Discoveries({change}) == std::vector<bool>{false});
}

TEST_CASE("Change: Student's t as in the tables") {
  const auto is_five_percent = [](double t, double degrees) {
    return std::abs(TwoSidedP(t, degrees) - 0.05) < 1e-4;
  };
  CHECK(std::abs(TwoSidedP(0, 5) - 1) < 1e-9);
  CHECK(is_five_percent(12.706, 1));
  CHECK(is_five_percent(2.571, 5));
  CHECK(is_five_percent(-2.086, 20));
  CHECK(is_five_percent(1.960, 1e6));
  CHECK(TwoSidedP(40, 30) < 1e-20);
}

TEST_CASE("Change: Benjamini and Hochberg's procedure on their own example") {
  const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                      0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0};
  std::vector<Change> changes;
  for (const double value : p) {
    changes.emplace_back();
    changes.back().p = value;
    changes.back().tested = true;
  }
  const std::vector<bool> kept = Discoveries(changes);
  CHECK(std::count(kept.begin(), kept.end(), true) == 4);
  CHECK(kept[3]);
}

}  // namespace
}  // namespace stacksampler::visualizer
