// SPDX-License-Identifier: MIT
//
// Purpose: a length of time as people write it: "1ms", "500us", "0.01s".
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_

#include <chrono>
#include <optional>
#include <string_view>

namespace stacksampler::cpuprofile {

/// Nothing for what is not a positive number with us, ms or s behind it.
std::optional<std::chrono::nanoseconds> ParseInterval(std::string_view text);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_INTERVAL_H_
