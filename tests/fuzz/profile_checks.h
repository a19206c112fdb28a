// SPDX-License-Identifier: MIT
//
// Purpose: what holds for every profile that a reader made, whatever it read.
#ifndef STACKSAMPLER_TESTS_FUZZ_PROFILE_CHECKS_H_
#define STACKSAMPLER_TESTS_FUZZ_PROFILE_CHECKS_H_

#include "fuzz/fuzz.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"
#include "stacksampler/profile.h"

namespace stacksampler::fuzz {

/// It is valid, and comes back from folded text and from pprof with the same weight.
inline void CheckProfile(const Profile& profile) {
  Promise(profile.Validate().ok(), "a profile that was read is valid");
  const auto pprof = DecodePprof(EncodePprof(profile));
  Promise(pprof.ok(), "what EncodePprof() writes can be read");
  Promise(pprof->TotalWeight() == profile.TotalWeight(), "pprof keeps the weight");
  const FoldedDocument folded = DecodeFolded(EncodeFolded(profile));
  Promise(folded.malformed_lines == 0, "what EncodeFolded() writes can be read");
}

}  // namespace stacksampler::fuzz

#endif  // STACKSAMPLER_TESTS_FUZZ_PROFILE_CHECKS_H_
