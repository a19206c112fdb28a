// SPDX-License-Identifier: MIT
//
// Purpose: the command line of cpuprofile: CLI11 ends here.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_COMMANDS_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_COMMANDS_H_

namespace stacksampler::cpuprofile {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// Runs the subcommand; its exit code, or that of the program that it recorded.
int RunCommandLine(int argc, char** argv);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_COMMANDS_H_
