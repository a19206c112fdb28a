// SPDX-License-Identifier: MIT
//
// Purpose: whether a share of the CPU time changed between two periods, or only varied as it does
//   anyway. The intervals of each period are replicates: how much the share varies between them is
//   the measure.
// Source: ratio estimator of a share over intervals of unequal weight, with its linearised variance
//   (Cochran, Sampling Techniques, 3rd ed., ch. 6); Welch's t-test; Benjamini and Hochberg 1995.
// Thread safety: values and free functions.
// Signal safety: none.
// Errors: none; with fewer than kLeastReplicates intervals on a side nothing is a change.
#ifndef STACKSAMPLER_VISUALIZER_CHANGE_STATS_H_
#define STACKSAMPLER_VISUALIZER_CHANGE_STATS_H_

#include <cstddef>
#include <vector>

namespace stacksampler::visualizer {

inline constexpr size_t kLeastReplicates = 4;
inline constexpr double kFalseDiscoveryRate = 0.05;
/// What was sampled less often on both sides together is not tested: it could show nothing.
inline constexpr double kLeastSamples = 10;

/// All that was sampled in one period, interval by interval.
struct PeriodSums {
  size_t intervals = 0;  // with anything in them
  double total = 0;
  double squares = 0;  // of the intervals' totals
  double quantum = 1;  // weight of one sample

  void Add(double interval_total);
};

/// One frame or function in one period.
struct PartSums {
  double weight = 0;
  double squares = 0;
  double products = 0;  // of its weight and the interval's total

  void Add(double interval_weight, double interval_total);
};

struct Change {
  double base = 0;  // shares, 0..1
  double current = 0;
  double low = 0;  // of current - base: the bounds of its 95 % confidence interval
  double high = 0;
  double p = 1;         // of a difference so large where there is none
  bool tested = false;  // there was enough to tell
};

Change CompareShares(const PeriodSums& base_period, const PartSums& base,
                     const PeriodSums& current_period, const PartSums& current);

/// Which of the changes stand when at most `rate` of those that do may be false ones.
std::vector<bool> Discoveries(const std::vector<Change>& changes,
                              double rate = kFalseDiscoveryRate);

/// Probability that Student's t with so many degrees of freedom is at least |t| away from 0.
double TwoSidedP(double t, double degrees);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_CHANGE_STATS_H_
