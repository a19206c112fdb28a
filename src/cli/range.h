// SPDX-License-Identifier: MIT
//
// Purpose: a moment that was given as an option: "-15minutes", "yesterday", ISO 8601.
// Thread safety: free functions.
// Errors: kInvalidArgument names the option and what does not fit.
#ifndef STACKSAMPLER_CLI_MOMENT_H_
#define STACKSAMPLER_CLI_MOMENT_H_

#include <cstdint>
#include <string>

#include "base/time_phrase.h"
#include "stacksampler/status.h"

namespace stacksampler::cli {

/// Leaves `ns` as it is when the text is empty.
Status ReadMoment(const std::string& option, const std::string& text, TimeEdge edge, int64_t* ns);

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_MOMENT_H_
