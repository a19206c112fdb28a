// SPDX-License-Identifier: MIT
//
// Purpose: sums weights by label set and interval, without looking at stacks.
// Shapes: label sets are those of the vocabulary that all files were interned into.
// Thread safety: one thread at a time.
// Errors: Take() refuses sums that pass 2^63.
#ifndef STACKSAMPLER_STORE_VOLUME_H_
#define STACKSAMPLER_STORE_VOLUME_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/merger.h"
#include "store/profile_store.h"

namespace stacksampler::store {

class VolumeSums {
 public:
  /// Both must outlive it. The vocabulary may grow meanwhile. REQUIRES: CheckVolumeQuery(query).
  VolumeSums(const VolumeQuery& query, const Profile& vocabulary);

  [[nodiscard]] Range range() const { return {query_.from_ns, query_.until_ns}; }
  bool Wants(LabelSetId labels) { return filter_.Wants(labels); }
  /// All windows with ends from one to the other are of one interval, and in the range.
  [[nodiscard]] bool InOneInterval(int64_t first_end_ns, int64_t last_end_ns) const;
  /// Adds all weights of `cells`; false when they are damaged. REQUIRES: `end_ns` in the range.
  bool AddCells(std::string_view cells, LabelSetId labels, int64_t period_ns, int64_t end_ns);
  /// Gives the sums, and ends the use of this.
  Result<VolumeResult> Take();

 private:
  [[nodiscard]] size_t IntervalOf(int64_t end_ns) const;
  std::vector<Volume>& SumsOf(LabelSetId labels);

  const VolumeQuery& query_;
  const Profile& vocabulary_;
  LabelFilter filter_;
  std::vector<uint32_t> places_;  // by label set, one above its place in result_; 0 for none
  VolumeResult result_;
  Volume total_;
  bool overflow_ = false;
};

/// Why a query cannot be answered: it has no or too many intervals.
Status CheckVolumeQuery(const VolumeQuery& query);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_VOLUME_H_
