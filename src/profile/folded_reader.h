// SPDX-License-Identifier: MIT
//
// Purpose: reads folded text into a profile that has read others before: what was interned for them
//   serves again.
// Thread safety: none; whoever owns the profile locks.
// Signal safety: none.
// Errors: as DecodeFolded(): a line that is not understood is counted, and told.
#ifndef STACKSAMPLER_PROFILE_FOLDED_READER_H_
#define STACKSAMPLER_PROFILE_FOLDED_READER_H_

#include <string_view>

#include "profile/known_stacks.h"
#include "stacksampler/folded.h"

namespace stacksampler {

/// The profile's samples and period become those of the text, its times 0. `known` holds stacks of
/// this profile, those of earlier texts; null when there are none to remember.
FoldedReport DecodeFoldedInto(std::string_view text, KnownStacks* known, Profile* profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_FOLDED_READER_H_
