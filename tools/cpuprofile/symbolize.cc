// SPDX-License-Identifier: MIT
#include "cpuprofile/symbolize.h"

#include <fmt/core.h>

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "cli/command_line.h"
#include "profile/replace_frames.h"
#include "sampler/symbolize/offline_symbolizer.h"
#include "sampler/symbolize/symbol_files.h"

namespace stacksampler::cpuprofile {
namespace {

using symbolize::NamedFrame;

constexpr size_t kMaxListedModules = 10;

// The offset in "[libfoo.so+0x1f3c]", which is how the sampler writes down what it cannot name.
std::optional<uint64_t> OffsetOf(std::string_view name) {
  constexpr std::string_view kBegin = "+0x";
  const size_t plus = name.rfind(kBegin);
  if (plus == std::string_view::npos || name.front() != '[' || name.back() != ']') return {};
  const std::string_view digits = name.substr(plus + kBegin.size());
  uint64_t offset = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), offset, 16);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() - 1) return {};
  return offset;
}

class Namer {
 public:
  Namer(const Profile& profile, std::vector<std::string> directories)
      : profile_(profile), symbolizer_(std::move(directories)) {}

  std::vector<Replacement> Name(FrameId id) {
    const Frame& frame = profile_.frames()[id];
    const std::optional<uint64_t> offset = OffsetOf(profile_.FrameName(id));
    if (!offset) return {};
    ++unnamed_;
    const Mapping& mapping = profile_.mappings()[frame.mapping];
    const std::string& module = profile_.String(mapping.module);
    const std::string& build_id = profile_.String(mapping.build_id);
    const std::vector<NamedFrame> frames = symbolizer_.Name(module, build_id, *offset);
    if (!frames.empty()) ++named_;
    if (!symbolizer_.Knows(module, build_id)) missing_[module] = build_id;
    std::vector<Replacement> outermost_first;
    for (auto it = frames.rbegin(); it != frames.rend(); ++it) {
      outermost_first.push_back({it->name, it->mangled_name, it->file, it->line, it->inlined});
    }
    return outermost_first;
  }

  void Tell() const {
    Say(fmt::format("named {} of {} addresses without a name", named_, unnamed_));
    size_t listed = 0;
    for (const auto& [module, build_id] : missing_) {
      if (listed++ == kMaxListedModules) return Say("... and other modules");
      Say(build_id.empty() ? fmt::format("no build-id is known of {}", ModuleName(module))
                           : fmt::format("no file found of {} (build-id {}); pass --debug-dir",
                                         ModuleName(module), build_id));
    }
  }

 private:
  static std::string ModuleName(const std::string& module) {
    return module.empty() ? "code outside of all modules" : module;
  }

  const Profile& profile_;
  symbolize::OfflineSymbolizer symbolizer_;
  uint64_t unnamed_ = 0;
  uint64_t named_ = 0;
  std::map<std::string, std::string> missing_;  // build-id by module
};

}  // namespace

Result<int> Symbolize(const SymbolizeOptions& options) {
  Result<LoadedProfile> loaded = ReadProfileFile(options.input);
  if (!loaded.ok()) return loaded.status();
  if (loaded->format != FileFormat::kPprof) {
    Say(
        fmt::format("{} is {}, which holds no build-ids to find names by: symbolize reads pprof, "
                    "as of cpuprofile record -o out.pb.gz",
                    options.input, FileFormatName(loaded->format)));
    return cli::kUsage;
  }
  const Result<Profile> profile = KeepThread(std::move(loaded->profile), options.thread);
  if (!profile.ok()) return profile.status();
  std::vector<std::string> directories = options.debug_directories;
  directories.emplace_back(symbolize::kDebugRoot);
  Namer namer(*profile, std::move(directories));
  const Profile named = ReplaceFrames(*profile, [&](FrameId id) { return namer.Name(id); });
  namer.Tell();
  Status written = WriteOutput(options.output, named);
  if (!written.ok()) return written;
  return cli::kDone;
}

}  // namespace stacksampler::cpuprofile
