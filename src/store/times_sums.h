// SPDX-License-Identifier: MIT
//
// Purpose: gathers what a question about sample times takes from many files, and makes its answer.
// Shapes: all files were interned into one profile, the vocabulary, whose ids are used here.
// Thread safety: one thread at a time.
// Errors: Take() refuses what is too much.
#ifndef STACKSAMPLER_STORE_TIMES_SUMS_H_
#define STACKSAMPLER_STORE_TIMES_SUMS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/merger.h"
#include "store/profile_store.h"

namespace stacksampler::store {

class TimesSums {
 public:
  /// Both must outlive it. The vocabulary may grow meanwhile. REQUIRES: CheckSampleTimesQuery().
  TimesSums(const SampleTimesQuery& query, const Profile& vocabulary)
      : query_(query), vocabulary_(vocabulary), filter_(query.matches, vocabulary) {}

  /// A window from the one to the other may have times in the range. None has when it is too much
  /// already.
  [[nodiscard]] bool Meets(int64_t start_ns, int64_t end_ns) const;
  bool Wants(LabelSetId labels) { return filter_.Wants(labels); }
  /// Adds time cells whose stack ids `stacks` turns into the vocabulary's; false when they are
  /// damaged.
  bool AddCells(std::string_view cells, const std::vector<StackId>& stacks, LabelSetId labels,
                int64_t period_ns, int64_t bucket_ns);
  /// Gives the answer, and ends the use of this.
  Result<SampleTimes> Take();

 private:
  void Coalesce();

  const SampleTimesQuery& query_;
  const Profile& vocabulary_;
  LabelFilter filter_;
  std::vector<TimedSample> found_;  // in the vocabulary's ids
  int64_t bucket_ns_ = 0;
  int64_t period_ns_ = -1;  // -1: nothing added yet; 0: unknown or mixed
  int64_t weight_ = 0;
  int64_t cpu_ns_ = 0;
  bool too_many_ = false;
  bool overflow_ = false;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_TIMES_SUMS_H_
