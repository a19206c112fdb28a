// SPDX-License-Identifier: MIT
#include "cpuprofile/convert.h"

#include <utility>

namespace stacksampler::cpuprofile {

Status Convert(const ConvertOptions& options) {
  Result<LoadedProfile> loaded = ReadProfileFile(options.input, options.from);
  if (!loaded.ok()) return loaded.status();
  for (const std::string& warning : loaded->warnings) {
    Say("left out of " + options.input + ": " + warning);
  }
  const Result<Profile> profile = KeepThread(std::move(loaded->profile), options.thread);
  if (!profile.ok()) return profile.status();
  return WriteOutput(options.output, *profile);
}

}  // namespace stacksampler::cpuprofile
