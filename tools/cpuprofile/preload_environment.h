// SPDX-License-Identifier: MIT
//
// Purpose: what makes a program load our library and where it shall write.
// Thread safety: free functions.
// Signal safety: none.
// Errors: kNotFound names the places where the library was looked for.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_PRELOAD_ENVIRONMENT_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_PRELOAD_ENVIRONMENT_H_

#include <string>

#include "cpuprofile/child_process.h"
#include "cpuprofile/record.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

/// The library beside this executable: in ../lib or one folder below (Debian's multiarch).
Result<std::string> FindPreloadLibrary();

/// Keeps what LD_PRELOAD held. `folder` receives one window log per process.
ChildProcess::Environment PreloadEnvironment(const std::string& library, const std::string& folder,
                                             const RecordOptions& options);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_PRELOAD_ENVIRONMENT_H_
