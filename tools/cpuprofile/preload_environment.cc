// SPDX-License-Identifier: MIT
#include "cpuprofile/preload_environment.h"

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>

#include "profile/window_log.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr char kLibrary[] = "libstacksampler_preload.so";

}  // namespace

Result<std::string> FindPreloadLibrary() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto lib = self.parent_path().parent_path() / "lib";
  if (std::filesystem::exists(lib / kLibrary, error)) return (lib / kLibrary).string();
  for (const auto& entry : std::filesystem::directory_iterator(lib, error)) {
    const auto path = entry.path() / kLibrary;
    if (std::filesystem::exists(path, error)) return path.string();
  }
  return Status(StatusCode::kNotFound, std::string("no ") + kLibrary + " in or below " +
                                           lib.string() + "; install it next to cpuprofile");
}

ChildProcess::Environment PreloadEnvironment(const std::string& library, const std::string& folder,
                                             const RecordOptions& options) {
  const char* former = getenv("LD_PRELOAD");
  const bool keep = former != nullptr && *former != '\0';
  ChildProcess::Environment environment = {
      {"LD_PRELOAD", keep ? library + ':' + former : library},
      {"STACKSAMPLER_OUTPUT", folder + "/%p" + kWindowLogExtension},
      {"STACKSAMPLER_HZ", fmt::format("{}", 1e9 / static_cast<double>(options.interval.count()))}};
  if (options.duration) {
    environment.emplace_back("STACKSAMPLER_SECONDS", std::to_string(options.duration->count()));
  }
  if (!options.mode.empty()) environment.emplace_back("STACKSAMPLER_MODE", options.mode);
  if (options.running_lines) environment.emplace_back("STACKSAMPLER_LINES", "running");
  return environment;
}

}  // namespace stacksampler::cpuprofile
