// SPDX-License-Identifier: MIT
//
// Purpose: runs programs under the preload library, and looks into what they leave.
#ifndef STACKSAMPLER_TESTS_PRELOAD_RECORDING_H_
#define STACKSAMPLER_TESTS_PRELOAD_RECORDING_H_

#include <string>

#include "cpuprofile/run_tool.h"
#include "stacksampler/profile.h"

namespace stacksampler::tests {

inline const std::string kLeaver = STACKSAMPLER_BIN_DIR "/leaver";

/// `variables`: "NAME=value ..." in the shell's words.
Outcome RunPreloaded(const std::string& variables, const std::string& command);

/// REQUIREs that it can be read.
Profile LoadProfile(const std::string& path);
/// All profiles and window logs in the folder, merged.
Profile LoadFolder(const std::string& folder);
/// Of the samples that hold the function.
int64_t WeightOf(const Profile& profile, const std::string& function);

}  // namespace stacksampler::tests

#endif  // STACKSAMPLER_TESTS_PRELOAD_RECORDING_H_
