// SPDX-License-Identifier: MIT
//
// Purpose: a window's dictionary, numbered anew for its segment: stacks that have samples come last,
//   those that most cells are of first. Their ids then differ by little, which is most of what sums
//   consist of.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: none; it reads what a RecordLog has checked.
#ifndef STACKSAMPLER_STORE_DENSE_DICTIONARY_H_
#define STACKSAMPLER_STORE_DENSE_DICTIONARY_H_

#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/cells.h"
#include "store/record_log.h"
#include "store/time_cells.h"

namespace stacksampler::store {

class DenseDictionary {
 public:
  /// `from` is what the ids in the log mean.
  DenseDictionary(const Profile& from, const RecordLog& log);

  [[nodiscard]] const Profile& profile() const { return profile_; }
  /// Cells of the window in the ids of the segment, and no longer in their order.
  [[nodiscard]] std::vector<Cell> Translate(std::string_view cells) const;
  /// Likewise, and in their order.
  [[nodiscard]] std::vector<TimeCell> TranslateTimes(std::string_view cells) const;

 private:
  Profile profile_;
  std::vector<StackId> ids_;  // by the window's ids
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_DENSE_DICTIONARY_H_
