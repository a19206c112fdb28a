// SPDX-License-Identifier: MIT
#include "sampler/symbolize/symbolizer.h"

#include <cinttypes>
#include <cstdio>
#include <map>
#include <unordered_map>
#include <utility>

#include "sampler/symbolize/dwarf_names.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/symbol_files.h"

namespace stacksampler::symbolize {
namespace {

// Beyond one of these bounds what it counts is forgotten as a whole, and read again when asked for:
// an answer is never lost, only slower.
constexpr size_t kMaxNamedAddresses = size_t{1} << 15;  // about 0.5 KiB each
constexpr size_t kMaxShownNames = size_t{1} << 15;      // about 0.3 KiB each
constexpr size_t kMaxIndexBytes = size_t{16} << 20;     // of debug information, in all modules

std::string OffsetName(std::string_view module, uint64_t offset) {
  char hex[24];
  std::snprintf(hex, sizeof hex, "+0x%" PRIx64 "]", offset);
  return std::string("[").append(module).append(hex);
}

// "/usr/lib/libz.so.1" -> "libz.so.1", "[vdso]" -> "vdso".
std::string_view BaseName(std::string_view path) {
  if (path.starts_with('[') && path.ends_with(']')) return path.substr(1, path.size() - 2);
  return path.substr(path.rfind('/') + 1);
}

// What is known of one module. The file that holds the symbols and the one that holds debug
// information are either of the two, or none.
class ModuleNames {
 public:
  explicit ModuleNames(const Module& module) : file_(OpenModuleFile(module)) {
    if (file_ == nullptr) return;
    functions_ = FunctionTable(*file_, SHT_SYMTAB);
    if (functions_.empty() || !file_->HasDebugInfo()) {
      debug_file_ = OpenDebugFile(*file_, module.path);
    }
    if (functions_.empty() && debug_file_ != nullptr) {
      functions_ = FunctionTable(*debug_file_, SHT_SYMTAB);
    }
    if (functions_.empty()) functions_ = FunctionTable(*file_, SHT_DYNSYM);
  }

  const FunctionSymbol* FindFunction(uint64_t address) const { return functions_.Find(address); }

  std::vector<DwarfFrame> DebugFrames(uint64_t address) {
    if (!dwarf_opened_) OpenDwarf();
    return dwarf_ != nullptr ? dwarf_->Frames(address) : std::vector<DwarfFrame>();
  }

  size_t index_bytes() const { return dwarf_ != nullptr ? dwarf_->index_bytes() : 0; }

  void CloseDwarf() {
    dwarf_.reset();
    dwarf_opened_ = false;
  }

 private:
  void OpenDwarf() {
    dwarf_opened_ = true;
    for (ElfFile* file : {file_.get(), debug_file_.get()}) {
      if (dwarf_ == nullptr && file != nullptr) dwarf_ = DwarfNames::Open(file);
    }
  }

  std::unique_ptr<ElfFile> file_;
  std::unique_ptr<ElfFile> debug_file_;
  FunctionTable functions_;            // into one of the files
  std::unique_ptr<DwarfNames> dwarf_;  // reads one of the files
  bool dwarf_opened_ = false;
};

}  // namespace

class Symbolizer::Impl {
 public:
  const std::vector<NamedFrame>& Name(const Module& module, uintptr_t address) {
    const std::pair<uint32_t, uintptr_t> key(module.id, address);
    const auto known = frames_.find(key);
    if (known != frames_.end()) return known->second;
    Forget();
    return frames_.emplace(key, MakeFrames(module, address - module.load_bias)).first->second;
  }

 private:
  std::vector<NamedFrame> MakeFrames(const Module& module, uint64_t address) {
    ModuleNames& names = modules_.try_emplace(module.id, module).first->second;
    std::vector<NamedFrame> frames;
    for (DwarfFrame& frame : names.DebugFrames(address)) {
      NamedFrame named = Named(std::move(frame));
      if (!named.inlined || !named.name.empty()) frames.push_back(std::move(named));
    }
    // The linker's name of the function is the better one: it is what others call it, too.
    const FunctionSymbol* symbol = names.FindFunction(address);
    if (frames.empty() || frames.back().inlined) frames.emplace_back();
    NamedFrame& function = frames.back();
    if (symbol != nullptr) {
      function.mangled_name = symbol->name;
      function.name = Shown(symbol->name);
    } else if (function.name.empty()) {
      function.name = OffsetName(BaseName(module.path), address);
    }
    return frames;
  }

  NamedFrame Named(DwarfFrame frame) {
    NamedFrame named;
    if (frame.linkage_name.empty()) {
      named.name = std::move(frame.name);
    } else {
      named.name = Shown(frame.linkage_name);
    }
    named.mangled_name = std::move(frame.linkage_name);
    named.file = std::move(frame.file);
    named.line = frame.line;
    named.inlined = frame.inlined;
    return named;
  }

  const std::string& Shown(const std::string& symbol) {
    const auto [known, added] = shown_names_.try_emplace(symbol);
    if (added) known->second = ShownName(symbol);
    return known->second;
  }

  void Forget() {
    if (frames_.size() >= kMaxNamedAddresses) frames_.clear();
    if (shown_names_.size() >= kMaxShownNames) shown_names_.clear();
    size_t index_bytes = 0;
    for (const auto& [id, names] : modules_) index_bytes += names.index_bytes();
    if (index_bytes < kMaxIndexBytes) return;
    for (auto& [id, names] : modules_) names.CloseDwarf();
  }

  std::map<uint32_t, ModuleNames> modules_;
  std::map<std::pair<uint32_t, uintptr_t>, std::vector<NamedFrame>> frames_;
  std::unordered_map<std::string, std::string> shown_names_;
};

Symbolizer::Symbolizer() : impl_(std::make_unique<Impl>()) {}
Symbolizer::~Symbolizer() = default;

const std::vector<NamedFrame>& Symbolizer::Name(const Module& module, uintptr_t address) {
  return impl_->Name(module, address);
}

NamedFrame Symbolizer::NameUnmapped(uintptr_t address) {
  NamedFrame frame;
  frame.name = OffsetName("unknown", address);
  return frame;
}

}  // namespace stacksampler::symbolize
