// SPDX-License-Identifier: MIT
//
// Purpose: finds the program as a shell would, and tells beforehand why a library cannot be
//   preloaded into it.
// Thread safety: free functions.
// Signal safety: none.
// Errors: kNotFound; kUnsupported for what is statically linked, setuid or of another architecture.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_PROGRAM_CHECK_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_PROGRAM_CHECK_H_

#include <string>

#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

/// The path that execvp() would run.
Result<std::string> FindProgram(const std::string& name);

/// Ok when the dynamic loader will load our library into it. A script stands for its interpreter.
Status CheckPreloadable(const std::string& path);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_PROGRAM_CHECK_H_
