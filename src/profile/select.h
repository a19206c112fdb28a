// SPDX-License-Identifier: MIT
//
// Purpose: parts of a profile.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_SELECT_H_
#define STACKSAMPLER_PROFILE_SELECT_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"

namespace stacksampler {

/// What the samples weigh beyond their moments on the timeline; those that weigh nothing more are
/// left out.
std::vector<Sample> SamplesWithoutMoments(const Profile& profile);

/// The samples and moments whose labels `keep` accepts; times and period as before.
Profile SelectByLabels(const Profile& profile, const std::function<bool(const Labels&)>& keep);

/// The `keep` heaviest samples as they are, the weight and the moments of all others in a stack of
/// the one frame `folded`, by labels; times and period as before.
STACKSAMPLER_EXPORT Profile KeepHeaviest(const Profile& profile, size_t keep,
                                         std::string_view folded);

/// The samples and moments whose stacks begin with frames of these names, root first; times and
/// period as before.
Profile SelectBelow(const Profile& profile, const std::vector<std::string>& path);

/// Value of a label, "" without it.
std::string LabelValue(const Labels& labels, std::string_view key);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_SELECT_H_
