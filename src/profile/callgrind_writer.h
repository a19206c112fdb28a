// SPDX-License-Identifier: MIT
//
// Purpose: callgrind's text format, for KCachegrind and callgrind_annotate.
// Shapes: cost stands at the line on which a function begins. Samples count no calls: each call is
//   written as one, with the time that it took altogether. Readers add up a function's own cost and
//   its calls', so that a call of what runs already costs nothing: a function that calls itself has
//   its true total, functions that call each other have too much.
// Units: the one event is "Microseconds" of CPU time, or "Samples" where a period is unknown.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
// Source: https://valgrind.org/docs/manual/cl-format.html
#ifndef STACKSAMPLER_PROFILE_CALLGRIND_WRITER_H_
#define STACKSAMPLER_PROFILE_CALLGRIND_WRITER_H_

#include <string>

#include "stacksampler/profile.h"

namespace stacksampler {

std::string EncodeCallgrind(const Profile& profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CALLGRIND_WRITER_H_
