// SPDX-License-Identifier: MIT
//
// Purpose: the names that the files of one module hold: functions by our own reader, inlined calls
//   and source files by libdw where that library can be opened.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: what cannot be named is "[libfoo.so+0x1f3c]".
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULE_NAMES_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULE_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sampler/symbolize/dwarf_names.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/named_frame.h"
#include "sampler/symbolize/shown_name.h"

namespace stacksampler::symbolize {

/// "[libfoo.so+0x1f3c]" of "/usr/lib/libfoo.so".
std::string OffsetName(std::string_view module_path, uint64_t offset);

class ModuleNames {
 public:
  /// `file` is the module's own, `debug_file` the one that holds what was stripped from it; either
  /// may be null.
  ModuleNames(std::string module_path, std::unique_ptr<ElfFile> file,
              std::unique_ptr<ElfFile> debug_file);

  /// Frames at a link-time address, innermost first. Never empty.
  std::vector<NamedFrame> Frames(uint64_t address, Lines lines, ShownNames* shown);

  /// Memory of the indexes of debug information.
  [[nodiscard]] size_t index_bytes() const { return dwarf_ != nullptr ? dwarf_->index_bytes() : 0; }
  /// Gives the memory of the debug information back; it is read again when asked for.
  void CloseDwarf();

 private:
  void ReadFunctions(ElfFile* file, uint32_t section_type, FunctionTable* functions);
  [[nodiscard]] const FunctionSymbol* FindFunction(uint64_t address) const;
  std::vector<DwarfFrame> DebugFrames(uint64_t address, Lines lines);

  std::string module_path_;
  std::unique_ptr<ElfFile> file_;
  std::unique_ptr<ElfFile> debug_file_;
  std::unique_ptr<ElfFile> mini_file_;  // unpacked from file_
  FunctionTable functions_;             // into file_ or debug_file_
  FunctionTable more_functions_;        // into mini_file_: what functions_ leaves out
  std::unique_ptr<DwarfNames> dwarf_;   // reads file_ or debug_file_
  bool dwarf_opened_ = false;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_MODULE_NAMES_H_
