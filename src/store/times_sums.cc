// SPDX-License-Identifier: MIT
#include "store/times_sums.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "profile/label_copier.h"
#include "store/segment_layout.h"
#include "store/time_cells.h"

namespace stacksampler::store {
namespace {

// So many at once, so that each sorting of them frees a quarter, or is the last.
constexpr size_t kMostGathered = kMaxTimedSamples / 3 * 4;

}  // namespace

bool TimesSums::Meets(int64_t start_ns, int64_t end_ns) const {
  return !too_many_ && !overflow_ && start_ns - kTimesSlackNs < query_.until_ns &&
         query_.from_ns - kTimesSlackNs <= end_ns;
}

bool TimesSums::AddCells(std::string_view cells, const std::vector<StackId>& stacks,
                         LabelSetId labels, int64_t period_ns, int64_t bucket_ns) {
  const LabelSetId kept = query_.keep_labels ? labels : 0;
  return ForEachTimeCell(cells, stacks.size(), kMaxTimeNs / bucket_ns,
                         [&](StackId stack, int64_t bucket, int64_t weight) {
                           const int64_t begin_ns = bucket * bucket_ns;
                           if (begin_ns < query_.from_ns || begin_ns >= query_.until_ns)
                             return true;
                           if (!too_many_ && found_.size() == kMostGathered) Coalesce();
                           int64_t cpu_ns = 0;
                           overflow_ = overflow_ ||
                                       __builtin_mul_overflow(weight, period_ns, &cpu_ns) ||
                                       __builtin_add_overflow(weight_, weight, &weight_) ||
                                       __builtin_add_overflow(cpu_ns_, cpu_ns, &cpu_ns_);
                           if (too_many_ || overflow_) return true;
                           found_.push_back({begin_ns, stacks[stack], kept, weight, cpu_ns});
                           bucket_ns_ = std::max(bucket_ns_, bucket_ns);
                           period_ns_ = period_ns_ >= 0 && period_ns_ != period_ns ? 0 : period_ns;
                           return true;
                         });
}

// Threads that are merged, and buckets of windows that met in one, are one sample.
void TimesSums::Coalesce() {
  const auto key = [](const TimedSample& sample) {
    return std::tie(sample.time_ns, sample.stack, sample.labels);
  };
  std::sort(found_.begin(), found_.end(),
            [&](const TimedSample& a, const TimedSample& b) { return key(a) < key(b); });
  size_t kept = 0;
  for (const TimedSample& next : found_) {
    if (kept > 0 && key(found_[kept - 1]) == key(next)) {
      found_[kept - 1].weight += next.weight;
      found_[kept - 1].cpu_ns += next.cpu_ns;
    } else {
      found_[kept++] = next;
    }
  }
  found_.resize(kept);
  too_many_ = kept > kMaxTimedSamples;
}

Result<SampleTimes> TimesSums::Take() {
  if (!too_many_) Coalesce();
  if (too_many_ || overflow_) {
    return Status(StatusCode::kInvalidArgument,
                  "the range has too many sample times to show at once; ask for a shorter range");
  }
  SampleTimes times = NoSampleTimes(query_);
  times.bucket_ns = bucket_ns_;
  times.profile.period_ns = std::max<int64_t>(period_ns_, 0);
  StackCopier copier(vocabulary_, &times.profile);
  LabelCopier labels(vocabulary_, &times.profile);
  for (const TimedSample& found : found_) {
    times.profile.AddTimedSample({found.time_ns, copier.Copy(found.stack),
                                  labels.Copy(found.labels), found.weight, found.cpu_ns});
  }
  return times;
}

}  // namespace stacksampler::store
