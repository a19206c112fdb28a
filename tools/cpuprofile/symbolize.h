// SPDX-License-Identifier: MIT
//
// Purpose: `cpuprofile symbolize`: names what a stripped module's frames were, from debug files that
//   the recording machine did not have.
// Errors: name the file and what is wrong with it; modules that no file was found for are said on
//   stderr.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_SYMBOLIZE_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_SYMBOLIZE_H_

#include <string>
#include <vector>

#include "cpuprofile/output.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

struct SymbolizeOptions {
  std::string input;  // "-" = standard input
  Output output;
  std::string thread;                          // "" = all
  std::vector<std::string> debug_directories;  // searched before those of the system
};

/// The exit code; of another input than pprof it is that of a usage error.
Result<int> Symbolize(const SymbolizeOptions& options);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_SYMBOLIZE_H_
