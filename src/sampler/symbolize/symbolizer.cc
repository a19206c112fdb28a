// SPDX-License-Identifier: MIT
#include "sampler/symbolize/symbolizer.h"

#include <map>
#include <utility>

#include "base/home_path.h"
#include "sampler/symbolize/debuginfod.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/module_names.h"
#include "sampler/symbolize/perf_map.h"
#include "sampler/symbolize/shown_name.h"
#include "sampler/symbolize/symbol_files.h"

namespace stacksampler::symbolize {
namespace {

// Beyond it all debug information is forgotten, and read again when asked for: an answer is never
// lost, only slower.
constexpr size_t kMaxIndexBytes = size_t{16} << 20;  // in all modules

constexpr char kUnknownModule[] = "unknown";

// The separate file is looked for where the module's own leaves something to be found.
ModuleNames OpenModule(const Module& module) {
  std::unique_ptr<ElfFile> file = OpenModuleFile(module);
  std::unique_ptr<ElfFile> debug_file;
  if (file != nullptr && (file->FindSection(SHT_SYMTAB) == nullptr || !file->HasDebugInfo())) {
    debug_file = OpenDebugFile(*file, module.path);
    if (debug_file == nullptr && file->copy() != nullptr) {
      debug_file = FetchDebugFile(file->build_id());
    }
  }
  return {module.path, std::move(file), std::move(debug_file)};
}

}  // namespace

class Symbolizer::Impl {
 public:
  explicit Impl(Lines lines) : lines_(lines) {}

  std::vector<NamedFrame> Name(const Module& module, uintptr_t address) {
    Trim();
    auto names = modules_.find(module.id);
    if (names == modules_.end()) names = modules_.emplace(module.id, OpenModule(module)).first;
    return names->second.Frames(address - module.load_bias, lines_, &shown_names_);
  }

  PerfMap perf_map;

 private:
  void Trim() {
    shown_names_.Trim();
    size_t index_bytes = 0;
    for (const auto& [id, names] : modules_) index_bytes += names.index_bytes();
    if (index_bytes < kMaxIndexBytes) return;
    for (auto& [id, names] : modules_) names.CloseDwarf();
  }

  const Lines lines_;
  std::map<uint32_t, ModuleNames> modules_;
  ShownNames shown_names_;
};

Symbolizer::Symbolizer(Lines lines) : impl_(std::make_unique<Impl>(lines)) {}
Symbolizer::~Symbolizer() = default;

std::vector<NamedFrame> Symbolizer::Name(const Module& module, uintptr_t address) {
  return impl_->Name(module, address);
}

NamedFrame Symbolizer::NameUnmapped(uintptr_t address) const {
  NamedFrame frame;
  frame.name = WithoutHomes(impl_->perf_map.Find(address));  // a script's path, often
  if (frame.name.empty()) frame.name = OffsetName(kUnknownModule, address);
  return frame;
}

bool Symbolizer::RefreshPerfMap() { return impl_->perf_map.Refresh(); }

uint64_t Symbolizer::skipped_perf_map_lines() const { return impl_->perf_map.skipped_lines(); }

}  // namespace stacksampler::symbolize
