// SPDX-License-Identifier: MIT
#include "sampler/symbolize/elf_file.h"

#include "fuzz/fuzz.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/mini_symbols.h"
#include "sampler/symbolize/module_names.h"

using namespace stacksampler;

namespace {

void CheckFunctions(const symbolize::ElfFile& file, uint32_t section_type) {
  const symbolize::FunctionTable functions(file, section_type);
  for (uint64_t address = 0; address < 0x3000; address += 0x40) {
    const symbolize::FunctionSymbol* const found = functions.Find(address);
    if (found == nullptr) continue;
    fuzz::Promise(found->address <= address && address < found->end, "a function covers its code");
    fuzz::Promise(std::string_view(found->name).size() < file.image_bytes(), "names lie inside");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file = symbolize::ElfFile::OfBytes(std::string(fuzz::AsText(data, size)));
  if (file == nullptr) return 0;
  for (const Elf64_Shdr& section : file->sections()) {
    fuzz::Promise(file->SectionBytes(section).size() <= size, "sections lie inside");
  }
  static_cast<void>(file->ReadDebugLink());
  CheckFunctions(*file, SHT_SYMTAB);
  CheckFunctions(*file, SHT_DYNSYM);
  static_cast<void>(symbolize::OpenMiniSymbols(*file));
  return 0;
}
