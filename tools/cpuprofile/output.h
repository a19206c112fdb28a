// SPDX-License-Identifier: MIT
//
// Purpose: where results go, and how each subcommand says so.
// Thread safety: free functions, main thread.
// Signal safety: none.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_H_

#include <optional>
#include <string>

#include "profile/file_format.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

struct Output {
  std::string path;  // "-" = standard output
  FileFormat format = FileFormat::kCpuProfile;
};

/// The format asked for, else the one of the extension, else, for "-", `standard`.
Result<Output> ChooseOutput(const std::string& path, std::optional<FileFormat> format,
                            FileFormat standard);

/// Whether a file could be made there: to be asked before an hour of recording, not after it.
Status CheckWritable(const std::string& path);

/// Writes, and tells on stderr what was written and what the axis of a .cpuprofile means.
Status WriteOutput(const Output& output, const Profile& profile);

/// The samples of the threads of that name ("" = all). kNotFound names the threads that there are,
/// or says that none has a name.
Result<Profile> KeepThread(Profile profile, const std::string& thread);

/// One line on stderr.
void Say(const std::string& text);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_H_
