// SPDX-License-Identifier: MIT
//
// Purpose: reads Chrome DevTools' .cpuprofile (the flat form) of any program, Node.js' and our own.
// Shapes: sample i lasts until sample i + 1, and becomes a moment at its end. "(root)" and "(idle)"
//   are no CPU time. A node's hitCount is shared out over its samples; without samples the
//   hitCounts alone become weights.
// Thread safety: free functions.
// Signal safety: none.
// Errors: kDataLoss naming the member that is wrong; kUnsupported for the nested form of old
//   versions.
#ifndef STACKSAMPLER_PROFILE_CPUPROFILE_READER_H_
#define STACKSAMPLER_PROFILE_CPUPROFILE_READER_H_

#include <string_view>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

Result<Profile> DecodeCpuProfile(std::string_view json);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CPUPROFILE_READER_H_
