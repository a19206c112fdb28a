// SPDX-License-Identifier: MIT
//
// Purpose: when, within its window, something was sampled: the question and its answer. A store has
//   it of the windows for which the collector was asked to keep sample times.
// Shapes: a bucket is a span of time that is aligned to the epoch, of the length that the collector
//   was told. An answer is a Profile with a timeline: one TimedSample for each bucket, stack and
//   label set that has weight there, its time the bucket's begin.
// Units: times are nanoseconds since the Unix epoch.
// Thread safety: values.
// Errors: see StoreReader::SampleTimes().
#ifndef STACKSAMPLER_STORE_SAMPLE_TIMES_H_
#define STACKSAMPLER_STORE_SAMPLE_TIMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

struct LabelMatch;

/// Buckets are shorter than a second: 20 ms are the 50 rows a second of a FlameScope heat map.
inline constexpr int64_t kMinBucketNs = 1'000'000;
inline constexpr int64_t kMaxBucketNs = 1'000'000'000;
/// How far the time of a sample may be outside of its window: the window's ends are the
/// collector's, the times the target's, and a drain that the machine held up brings older ones.
inline constexpr int64_t kTimesSlackNs = int64_t{10} * 1'000'000'000;
/// An answer has at most so many timed samples, 32 bytes each: four hours of one busy CPU at 200
/// samples a second, were no two of them in one bucket and stack.
inline constexpr size_t kMaxTimedSamples = size_t{3} << 20;

/// A target keeps for a collector that does not come for eight days; a day is the longest interval.
inline constexpr int64_t kLongestWindowNs = int64_t{9} * 86'400 * 1'000'000'000;

struct SampleTimesQuery {
  int64_t from_ns = 0;   // inclusive
  int64_t until_ns = 0;  // exclusive: unlike a window's end, a bucket's begin is a moment
  std::vector<LabelMatch> matches;  // see LabelMatch
  /// Keep the labels of samples (true) or merge all series into unlabelled samples (false).
  bool keep_labels = false;
};

struct SampleTimes {
  /// timeline(): what began in the range, by time, then stack, then labels. samples(): the sums of
  /// that, and nothing else. start_ns and end_ns: the range. What was sampled without a time is in
  /// neither: StoreReader::Merge() has the whole weight of windows.
  Profile profile;
  /// The longest bucket of those in the answer; 0 when nothing in the range has times.
  int64_t bucket_ns = 0;
  std::vector<std::string> warnings;  // damaged files, by name
};

/// kInvalidArgument for a range that is empty or begins before 1970.
Status CheckSampleTimesQuery(const SampleTimesQuery& query);
/// The answer of a store that keeps no sample times.
SampleTimes NoSampleTimes(const SampleTimesQuery& query);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SAMPLE_TIMES_H_
