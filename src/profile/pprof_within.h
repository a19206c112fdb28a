// SPDX-License-Identifier: MIT
//
// Purpose: pprof that is given up as soon as it passes a bound: a profile however large is encoded
//   in bounded memory.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_PPROF_WITHIN_H_
#define STACKSAMPLER_PROFILE_PPROF_WITHIN_H_

#include <cstddef>
#include <optional>
#include <string>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"

namespace stacksampler {

struct PprofWithin {
  std::optional<std::string> bytes;  // nothing when they would pass the bound
  size_t samples_written = 0;        // and moments, until then
  size_t samples = 0;                // and moments, in all
};

STACKSAMPLER_EXPORT PprofWithin EncodePprofWithin(const Profile& profile, size_t max_bytes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_PPROF_WITHIN_H_
