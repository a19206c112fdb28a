// SPDX-License-Identifier: MIT
#include "sampler/symbolize/offline_symbolizer.h"

#include <algorithm>
#include <utility>

#include "sampler/symbolize/debuginfod.h"
#include "sampler/symbolize/symbol_files.h"

namespace stacksampler::symbolize {
namespace {

// It comes from the profile, which may be anybody's: hex alone keeps the path below the directory.
bool IsBuildId(const std::string& text) {
  return text.size() > 2 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<std::string> Candidates(const std::string& directory, const std::string& module,
                                    const std::string& build_id) {
  const std::string by_id = BuildIdPath(directory, build_id);
  const std::string name = module.substr(module.rfind('/') + 1);
  std::vector<std::string> paths = {by_id + ".debug", by_id};
  if (!name.empty()) {
    paths.push_back(directory + '/' + name + ".debug");
    paths.push_back(directory + '/' + name);
  }
  return paths;
}

}  // namespace

ModuleNames* OfflineSymbolizer::Open(const std::string& module, const std::string& build_id) {
  if (!IsBuildId(build_id)) return nullptr;
  const auto [known, added] = modules_.try_emplace(build_id);
  if (!added) return known->second.get();
  std::unique_ptr<ElfFile> best;
  for (const std::string& directory : directories_) {
    for (const std::string& path : Candidates(directory, module, build_id)) {
      std::unique_ptr<ElfFile> file = ElfFile::Open(path);
      if (file == nullptr || file->build_id() != build_id) continue;
      const bool better = best == nullptr || (!best->HasDebugInfo() && file->HasDebugInfo());
      if (better) best = std::move(file);
    }
  }
  if (best == nullptr || !best->HasDebugInfo()) {
    if (std::unique_ptr<ElfFile> fetched = FetchDebugFile(build_id)) best = std::move(fetched);
  }
  if (best != nullptr) {
    known->second = std::make_unique<ModuleNames>(module, std::move(best), nullptr);
  }
  return known->second.get();
}

std::vector<NamedFrame> OfflineSymbolizer::Name(const std::string& module,
                                                const std::string& build_id, uint64_t address) {
  ModuleNames* names = Open(module, build_id);
  if (names == nullptr) return {};
  std::vector<NamedFrame> frames = names->Frames(address, Lines::kFunction, &shown_names_);
  if (frames.back().name == OffsetName(module, address)) frames.pop_back();
  return frames;
}

}  // namespace stacksampler::symbolize
