// SPDX-License-Identifier: MIT
//
// Purpose: how long and how much the store keeps, as it is written on a command line.
// Thread safety: free functions.
// Signal safety: none.
// Errors: kInvalidArgument, with the option's name and what it takes.
#ifndef STACKSAMPLER_COLLECTOR_KEEP_H_
#define STACKSAMPLER_COLLECTOR_KEEP_H_

#include <cstdint>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::collector {

/// "36h", "30d", "8w" or "2y" (of 365 days) in nanoseconds; "0" is without limit.
Result<int64_t> ParseAge(const std::string& option, const std::string& text);
/// "20ms", from 1ms to 1s, in milliseconds: a bucket of sample times.
Result<int64_t> ParseBucket(const std::string& option, const std::string& text);
/// "500M", "10G" or "1T" in bytes (K is 1024); "0" is without limit.
Result<uint64_t> ParseBytes(const std::string& option, const std::string& text);

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_KEEP_H_
