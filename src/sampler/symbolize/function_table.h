// SPDX-License-Identifier: MIT
//
// Purpose: the functions of an ELF file by link-time address, from .symtab or, where that was
//   stripped, .dynsym.
// Invariant: sorted by address, one name per address, zero-sized symbols reach up to the next.
// Thread safety: immutable.
// Signal safety: not async-signal-safe.
// Errors: damaged symbols are left out.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_FUNCTION_TABLE_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_FUNCTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/symbolize/elf_file.h"

namespace stacksampler::symbolize {

struct FunctionSymbol {
  uint64_t address = 0;        // link-time
  uint64_t end = 0;            // one past its last byte
  const char* name = nullptr;  // linker name, inside the file's mapping
};

class FunctionTable {
 public:
  FunctionTable() = default;
  /// Reads the symbols in the section of this type, SHT_SYMTAB or SHT_DYNSYM. `file` must outlive
  /// the table.
  FunctionTable(const ElfFile& file, uint32_t section_type);

  /// Null when no function covers the link-time address.
  [[nodiscard]] const FunctionSymbol* Find(uint64_t address) const;
  [[nodiscard]] bool empty() const { return functions_.empty(); }
  [[nodiscard]] size_t size() const { return functions_.size(); }

 private:
  std::vector<FunctionSymbol> functions_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_FUNCTION_TABLE_H_
