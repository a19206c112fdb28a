// SPDX-License-Identifier: MIT
//
// Purpose: functions, inlined calls and where they are declared, from DWARF by way of libdw.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: what cannot be read is absent.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_DWARF_NAMES_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_DWARF_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/named_frame.h"

namespace stacksampler::symbolize {

struct DwarfFrame {
  std::string linkage_name;  // "" for C and for what is visible in its file alone
  std::string name;          // qualified; set where linkage_name is ""
  std::string file;          // that has the line, "" when unknown
  uint32_t line = 0;         // of the declaration, or as asked for; 0 when unknown
  bool inlined = false;
};

class DwarfNames {
 public:
  /// Null where libdw cannot be loaded or the file has no debug information. `file` must outlive
  /// the result, and serves one at a time.
  static std::unique_ptr<DwarfNames> Open(ElfFile* file);
  ~DwarfNames();
  DwarfNames(const DwarfNames&) = delete;
  DwarfNames& operator=(const DwarfNames&) = delete;

  /// Functions at a link-time address, innermost first; empty when the debug information does not
  /// cover it. Reads the compile unit with its first address.
  std::vector<DwarfFrame> Frames(uint64_t address, Lines lines = Lines::kFunction);

  /// Memory that the indexes of the compile units read so far take; libdw's own is about five times
  /// as much.
  [[nodiscard]] size_t index_bytes() const;

 private:
  class Impl;
  explicit DwarfNames(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_DWARF_NAMES_H_
