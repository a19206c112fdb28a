// SPDX-License-Identifier: MIT
//
// Purpose: speedscope's own JSON: one sampled profile of all threads, the heaviest stacks first.
// Units: nanoseconds of CPU time, or samples where a period is unknown.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
// Source: https://www.speedscope.app/file-format-schema.json
#ifndef STACKSAMPLER_PROFILE_SPEEDSCOPE_WRITER_H_
#define STACKSAMPLER_PROFILE_SPEEDSCOPE_WRITER_H_

#include <string>

#include "stacksampler/profile.h"

namespace stacksampler {

std::string EncodeSpeedscope(const Profile& profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_SPEEDSCOPE_WRITER_H_
