// SPDX-License-Identifier: MIT
//
// Purpose: what the environment says of the sampler, to run_profiler() without arguments and to the
//   preload library alike:
//   STACKSAMPLER_HZ=N                  samples per second of CPU time, 0.1 to 1000
//   STACKSAMPLER_MODE=cpu|wall         of CPU time, or of all time
//   STACKSAMPLER_LINES=function|running  which line a frame has
//   STACKSAMPLER_LABELS=key=value,...  labels of every sample
// Thread safety: pure functions.
// Signal safety: none.
// Errors: kInvalidArgument names the variable, its value and what it may be.
#ifndef STACKSAMPLER_SAMPLER_ENVIRONMENT_H_
#define STACKSAMPLER_SAMPLER_ENVIRONMENT_H_

#include <functional>
#include <optional>
#include <string_view>

#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

/// Null for a variable that is not set. Empty is how shells and unit files say the same, and what
/// is read here and in the preload library takes it so. In use: secure_getenv, by which programs
/// with more rights than their caller see none.
using GetVariable = std::function<const char*(const char*)>;

/// `get` with null for empty values.
GetVariable EmptyAsUnset(GetVariable get);

/// Leaves alone what no variable speaks of.
Status ReadSamplerEnvironment(const GetVariable& get, SamplerOptions* options);

/// "STACKSAMPLER_X=value: must be ..."
Status BadVariable(const char* variable, std::string_view value, const char* allowed);
/// The whole text as a number in [min, max].
std::optional<double> ParseNumber(std::string_view text, double min, double max);

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_ENVIRONMENT_H_
