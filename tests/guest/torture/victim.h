// SPDX-License-Identifier: MIT
//
// Purpose: the tortured process: 64 threads that turn until they are told to stop, beside a
//   profiler.
#ifndef STACKSAMPLER_TESTS_GUEST_TORTURE_VICTIM_H_
#define STACKSAMPLER_TESTS_GUEST_TORTURE_VICTIM_H_

#include <string>

#include "guest/torture/shared.h"

namespace stacksampler::torture {

/// Returns the process's exit code. What went wrong stands in shared->complaint.
int RunVictim(const std::string& profiler, Shared* shared);

}  // namespace stacksampler::torture

#endif  // STACKSAMPLER_TESTS_GUEST_TORTURE_VICTIM_H_
