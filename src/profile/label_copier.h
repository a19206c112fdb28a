// SPDX-License-Identifier: MIT
//
// Purpose: carries label sets over to another profile, each one once: a timeline names one of a few
//   sets a million times.
// Thread safety: none.
// Signal safety: none.
#ifndef STACKSAMPLER_PROFILE_LABEL_COPIER_H_
#define STACKSAMPLER_PROFILE_LABEL_COPIER_H_

#include <cstdint>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler {

class LabelCopier {
 public:
  /// Both must outlive it; both may grow meanwhile.
  LabelCopier(const Profile& from, Profile* to) : from_(from), to_(to) {}

  LabelSetId Copy(LabelSetId id) {
    if (id >= copies_.size()) copies_.resize(from_.label_sets().size(), kUnknown);
    LabelSetId& copy = copies_[id];
    if (copy == kUnknown) copy = to_->InternLabels(from_.label_sets()[id]);
    return copy;
  }

 private:
  static constexpr LabelSetId kUnknown = UINT32_MAX;

  const Profile& from_;
  Profile* to_;
  std::vector<LabelSetId> copies_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_LABEL_COPIER_H_
