// SPDX-License-Identifier: MIT
#include "preload/recording.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "profile/file_format.h"
#include "profile/window_log.h"
#include "support/catch.h"

namespace stacksampler::tests {

Outcome RunPreloaded(const std::string& variables, const std::string& command) {
  return RunShell("LD_PRELOAD=" STACKSAMPLER_BIN_DIR
                  "/../lib/libstacksampler_preload.so STACKSAMPLER_HZ=1000 " +
                  variables + ' ' + command);
}

Profile LoadProfile(const std::string& path) {
  INFO(path);
  if (path.ends_with(kWindowLogExtension)) {
    Result<WindowLog> log = ReadWindowLog(path);
    REQUIRE(log.status().message() == "");
    return std::move(log->profile);
  }
  Result<LoadedProfile> loaded = ReadProfileFile(path);
  REQUIRE(loaded.status().message() == "");
  return std::move(loaded->profile);
}

Profile LoadFolder(const std::string& folder) {
  Profile merged;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    merged.Merge(LoadProfile(entry.path().string()));
  }
  return merged;
}

int64_t WeightOf(const Profile& profile, const std::string& function) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    const std::vector<FrameId> frames = profile.StackFrames(sample.stack);
    const bool holds = std::any_of(frames.begin(), frames.end(), [&](FrameId frame) {
      return profile.FrameName(frame) == function;
    });
    if (holds) weight += sample.weight;
  }
  return weight;
}

}  // namespace stacksampler::tests
