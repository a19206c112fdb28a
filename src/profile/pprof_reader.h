// SPDX-License-Identifier: MIT
//
// Purpose: reads pprof into a profile that has read others before: what was interned for them serves
//   again.
// Thread safety: none; whoever owns the profile locks.
// Signal safety: none.
// Errors: as DecodePprof(). What was interned before the error stays interned.
#ifndef STACKSAMPLER_PROFILE_PPROF_READER_H_
#define STACKSAMPLER_PROFILE_PPROF_READER_H_

#include <string_view>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

/// The profile's samples, timeline, times and period become those of `bytes`; after an error they
/// mean nothing. REQUIRES: all in the profile but these was made by interning.
Status DecodePprofInto(std::string_view bytes, Profile* profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_PPROF_READER_H_
