// SPDX-License-Identifier: MIT
#include "visualizer/change_stats.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stacksampler::visualizer {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kMostTerms = 300;
constexpr double kTiny = 1e-300;
constexpr double kPrecise = 1e-14;

double AwayFromZero(double value) { return std::abs(value) < kTiny ? kTiny : value; }

/// Continued fraction of the incomplete beta function, by Lentz's method.
double BetaFraction(double a, double b, double x) {
  double c = 1;
  double d = 1 / AwayFromZero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  const auto step = [&](double term) {
    d = 1 / AwayFromZero(1 + term * d);
    c = AwayFromZero(1 + term / c);
    fraction *= c * d;
    return std::abs(c * d - 1) < kPrecise;
  };
  for (int m = 1; m < kMostTerms; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)))) break;
  }
  return fraction;
}

double IncompleteBeta(double a, double b, double x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

/// The t that TwoSidedP() gives `p` for.
double QuantileOf(double p, double degrees) {
  double low = 0;
  double high = 1e6;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (TwoSidedP(middle, degrees) > p ? low : high) = middle;
  }
  return high;
}

/// Of a share, as its intervals show it.
double VarianceOf(const PeriodSums& period, const PartSums& part, double share) {
  const auto count = static_cast<double>(period.intervals);
  const double residuals =
      part.squares - 2 * share * part.products + share * share * period.squares;
  return std::max(residuals, 0.0) * count / (count - 1) / (period.total * period.total);
}

/// Of a share of which single samples are drawn: intervals may agree by chance, but not better.
double LeastVariance(const PeriodSums& period, double share) {
  return share * (1 - share) * period.quantum / period.total;
}

}  // namespace

void PeriodSums::Add(double interval_total) {
  if (interval_total <= 0) return;
  ++intervals;
  total += interval_total;
  squares += interval_total * interval_total;
}

void PartSums::Add(double interval_weight, double interval_total) {
  weight += interval_weight;
  squares += interval_weight * interval_weight;
  products += interval_weight * interval_total;
}

double TwoSidedP(double t, double degrees) {
  return IncompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

Change CompareShares(const PeriodSums& base_period, const PartSums& base,
                     const PeriodSums& current_period, const PartSums& current) {
  Change change;
  if (base_period.total > 0) change.base = base.weight / base_period.total;
  if (current_period.total > 0) change.current = current.weight / current_period.total;
  const double samples =
      base.weight / base_period.quantum + current.weight / current_period.quantum;
  if (std::min(base_period.intervals, current_period.intervals) < kLeastReplicates) return change;
  if (samples < kLeastSamples) return change;
  // Were there no change, both would be drawn from this share.
  const double pooled = (base.weight + current.weight) / (base_period.total + current_period.total);
  const double base_variance =
      std::max(VarianceOf(base_period, base, change.base), LeastVariance(base_period, pooled));
  const double current_variance = std::max(VarianceOf(current_period, current, change.current),
                                           LeastVariance(current_period, pooled));
  const double variance = base_variance + current_variance;
  change.tested = true;
  if (variance <= 0) return change;  // all of it on both sides: nothing can differ
  const double degrees =
      variance * variance /
      (base_variance * base_variance / static_cast<double>(base_period.intervals - 1) +
       current_variance * current_variance / static_cast<double>(current_period.intervals - 1));
  const double difference = change.current - change.base;
  const double reach = QuantileOf(1 - kConfidence, degrees) * std::sqrt(variance);
  change.low = difference - reach;
  change.high = difference + reach;
  change.p = TwoSidedP(difference / std::sqrt(variance), degrees);
  return change;
}

std::vector<bool> Discoveries(const std::vector<Change>& changes, double rate) {
  std::vector<size_t> tested;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].tested) tested.push_back(i);
  }
  std::sort(tested.begin(), tested.end(),
            [&](size_t a, size_t b) { return changes[a].p < changes[b].p; });
  size_t kept = 0;
  for (size_t i = 0; i < tested.size(); ++i) {
    const double bound = rate * static_cast<double>(i + 1) / static_cast<double>(tested.size());
    if (changes[tested[i]].p <= bound) kept = i + 1;
  }
  std::vector<bool> discoveries(changes.size());
  for (size_t i = 0; i < kept; ++i) discoveries[tested[i]] = true;
  return discoveries;
}

}  // namespace stacksampler::visualizer
