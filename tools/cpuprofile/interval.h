// SPDX-License-Identifier: MIT
//
// Purpose: a length of time as people write it: "1ms", "500us", "0.01s".
// Errors: kInvalidArgument for what is not a positive number with us, ms or s behind it; a number
//   alone is told that its unit is missing.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_

#include <chrono>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

Result<std::chrono::nanoseconds> ParseInterval(const std::string& text);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_
