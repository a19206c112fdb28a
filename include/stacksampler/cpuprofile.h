// SPDX-License-Identifier: MIT
//
// Purpose: Chrome DevTools' .cpuprofile (the flat form: nodes, samples, timeDeltas).
// Shapes: node 1 is "(root)"; a final sentinel sample of the root stands at endTime, so that every
//   reader agrees on the length of the last real one. Sample i lasts until sample i + 1. Samples of
//   threads that ran at the same time last as long as their own CPU time, in the order of their
//   moments. What has no moment stands at the end, left-heavy, each stack as long as its weight.
// Units: microseconds since the Unix epoch, or of CPU time from the first sample on.
// Thread safety: free functions.
// Signal safety: none.
// Source: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
#ifndef STACKSAMPLER_CPUPROFILE_H_
#define STACKSAMPLER_CPUPROFILE_H_

#include <string>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"

namespace stacksampler {

STACKSAMPLER_EXPORT std::string EncodeCpuProfile(const Profile& profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_CPUPROFILE_H_
