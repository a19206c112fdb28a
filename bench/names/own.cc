// SPDX-License-Identifier: MIT
#include <memory>

#include "methods.h"
#include "sampler/symbolize/dwarf_names.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/modules.h"
#include "sampler/symbolize/shown_name.h"
#include "sampler/symbolize/symbolizer.h"

namespace stacksampler::bench {
namespace {

using symbolize::ElfFile;
using symbolize::FunctionSymbol;
using symbolize::FunctionTable;

template <typename OnName>
Found ByTable(const Subject& subject, OnName on_name) {
  Found found;
  const std::unique_ptr<ElfFile> file = ElfFile::Open(subject.path);
  if (file == nullptr) return found;
  const FunctionTable table(*file, SHT_SYMTAB);
  for (const uintptr_t address : subject.addresses) {
    const FunctionSymbol* function = table.Find(address - subject.bias);
    if (function == nullptr) continue;
    ++found.named;
    ++found.frames;
    found.shown += on_name(function->name);
  }
  return found;
}

}  // namespace

Found OwnTable(const Subject& subject) {
  return ByTable(subject, [](const char* name) { return name[0] != '\0' ? 1 : 0; });
}

Found OwnShown(const Subject& subject) {
  symbolize::ShownNames shown;
  return ByTable(subject, [&](const char* name) { return shown.Of(name).size(); });
}

Found OwnFrames(const Subject& subject) {
  Found found;
  const std::unique_ptr<ElfFile> file = ElfFile::Open(subject.path);
  const auto names = file != nullptr ? symbolize::DwarfNames::Open(file.get()) : nullptr;
  if (names == nullptr) return found;
  for (const uintptr_t address : subject.addresses) {
    const auto frames = names->Frames(address - subject.bias);
    found.named += frames.empty() ? 0 : 1;
    found.frames += frames.size();
    for (const auto& frame : frames) {
      found.lines += frame.file.empty() ? 0 : 1;
      found.shown += frame.linkage_name.size();
    }
  }
  return found;
}

Found OwnNamedFrames(const Subject& subject) {
  Found found;
  symbolize::ModuleMap modules;
  symbolize::Symbolizer symbolizer;
  modules.Refresh();
  for (const uintptr_t address : subject.addresses) {
    const symbolize::Module* module = modules.Find(address);
    if (module == nullptr) continue;
    const auto frames = symbolizer.Name(*module, address);
    found.named += frames.back().name.front() != '[' ? 1 : 0;
    found.frames += frames.size();
    for (const auto& frame : frames) {
      found.lines += frame.file.empty() ? 0 : 1;
      found.shown += frame.name.size();
    }
  }
  return found;
}

}  // namespace stacksampler::bench
