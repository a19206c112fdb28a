// SPDX-License-Identifier: MIT
#include "sampler/symbolize/module_names.h"

#include <cinttypes>
#include <cstdio>
#include <utility>

#include "base/home_path.h"
#include "sampler/symbolize/mini_symbols.h"

namespace stacksampler::symbolize {
namespace {

// "/usr/lib/libz.so.1" -> "libz.so.1", "[vdso]" -> "vdso".
std::string_view BaseName(std::string_view path) {
  if (path.starts_with('[') && path.ends_with(']')) return path.substr(1, path.size() - 2);
  return path.substr(path.rfind('/') + 1);
}

NamedFrame Named(DwarfFrame frame, ShownNames* shown) {
  NamedFrame named;
  if (frame.linkage_name.empty()) {
    named.name = WithoutHomes(frame.name);  // clang calls a lambda by its file
  } else {
    named.name = shown->Of(frame.linkage_name);
  }
  named.mangled_name = std::move(frame.linkage_name);
  named.file = std::move(frame.file);
  named.line = frame.line;
  named.inlined = frame.inlined;
  return named;
}

}  // namespace

std::string OffsetName(std::string_view module_path, uint64_t offset) {
  char hex[24];
  std::snprintf(hex, sizeof hex, "+0x%" PRIx64 "]", offset);
  return std::string("[").append(BaseName(module_path)).append(hex);
}

ModuleNames::ModuleNames(std::string module_path, std::unique_ptr<ElfFile> file,
                         std::unique_ptr<ElfFile> debug_file)
    : module_path_(std::move(module_path)),
      file_(std::move(file)),
      debug_file_(std::move(debug_file)) {
  ReadFunctions(file_.get(), SHT_SYMTAB, &functions_);
  ReadFunctions(debug_file_.get(), SHT_SYMTAB, &functions_);
  if (file_ != nullptr && functions_.empty()) {
    mini_file_ = OpenMiniSymbols(*file_);
    ReadFunctions(mini_file_.get(), SHT_SYMTAB, &more_functions_);
  }
  ReadFunctions(file_.get(), SHT_DYNSYM, &functions_);
}

// Unless there are some. Of the file's copy only the names stay.
void ModuleNames::ReadFunctions(ElfFile* file, uint32_t section_type, FunctionTable* functions) {
  if (file == nullptr || !functions->empty()) return;
  const Elf64_Shdr* symbols = file->FindSection(section_type);
  if (symbols == nullptr) return;
  *functions = FunctionTable(*file, section_type);
  file->DropSection(*symbols);
  if (functions->empty() && symbols->sh_link < file->sections().size()) {
    file->DropSection(file->sections()[symbols->sh_link]);
  }
}

const FunctionSymbol* ModuleNames::FindFunction(uint64_t address) const {
  const FunctionSymbol* function = functions_.Find(address);
  return function != nullptr ? function : more_functions_.Find(address);
}

std::vector<DwarfFrame> ModuleNames::DebugFrames(uint64_t address, Lines lines) {
  for (ElfFile* file : {file_.get(), debug_file_.get()}) {
    if (!dwarf_opened_ && dwarf_ == nullptr && file != nullptr) dwarf_ = DwarfNames::Open(file);
  }
  dwarf_opened_ = true;
  return dwarf_ != nullptr ? dwarf_->Frames(address, lines) : std::vector<DwarfFrame>();
}

void ModuleNames::CloseDwarf() {
  dwarf_.reset();
  dwarf_opened_ = false;
}

std::vector<NamedFrame> ModuleNames::Frames(uint64_t address, Lines lines, ShownNames* shown) {
  std::vector<NamedFrame> frames;
  for (DwarfFrame& frame : DebugFrames(address, lines)) {
    NamedFrame named = Named(std::move(frame), shown);
    if (!named.inlined || !named.name.empty()) frames.push_back(std::move(named));
  }
  // The linker's name of the function is the better one: it is what others call it, too.
  const FunctionSymbol* symbol = FindFunction(address);
  if (frames.empty() || frames.back().inlined) frames.emplace_back();
  NamedFrame& function = frames.back();
  if (symbol != nullptr) {
    function.mangled_name = symbol->name;
    function.name = shown->Of(function.mangled_name);
  } else if (function.name.empty()) {
    function.name = OffsetName(module_path_, address);
  }
  return frames;
}

}  // namespace stacksampler::symbolize
