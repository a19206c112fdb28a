// SPDX-License-Identifier: MIT
//
// Purpose: files with debug information made to order, entry by entry, as no compiler writes it;
//   and what our reader says of them.
#ifndef STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_DWARF_IMAGE_H_
#define STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_DWARF_IMAGE_H_

#include <dwarf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sampler/symbolize/dwarf_names.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {

struct DwarfAttribute {
  unsigned name;
  unsigned form;
  std::string bytes;   // of the form
  std::string target;  // of a reference, instead: a label
  std::string label;   // of its bytes
};

DwarfAttribute Text(unsigned name, const std::string& text);
DwarfAttribute Number(unsigned name, uint64_t value);
DwarfAttribute Address(unsigned name, uint64_t address);
/// To an entry of the same unit.
DwarfAttribute Reference(unsigned name, const std::string& label);
/// To an entry of any unit.
DwarfAttribute FarReference(unsigned name, const std::string& label);

struct DwarfEntry {
  unsigned tag;
  std::vector<DwarfAttribute> attributes;
  std::vector<DwarfEntry> children;
  std::string label;  // to refer to
};

/// With code in [begin, end); without a name where that is "".
DwarfEntry Function(const std::string& name, uint64_t begin, uint64_t end,
                    std::vector<DwarfAttribute> more = {}, std::vector<DwarfEntry> children = {});
DwarfEntry Inlined(uint64_t begin, uint64_t end, std::vector<DwarfAttribute> more);
/// A declaration, to be referred to.
DwarfEntry Declared(const std::string& label, const std::string& name,
                    std::vector<DwarfAttribute> more = {});
/// A namespace, class or another thing that holds others; without a name where that is "".
DwarfEntry Holder(unsigned tag, const std::string& name, std::vector<DwarfEntry> children);

struct DwarfUnit {
  DwarfEntry root;
  int version = 4;
  uint8_t type = DW_UT_compile;
};

/// All code of a file of these entries, without directory and language.
DwarfUnit Unit(std::vector<DwarfEntry> entries, std::vector<DwarfAttribute> attributes = {});

struct LineRow {
  uint64_t address;
  int line;
  unsigned file = 1;
};
/// A .debug_line of one unit, DWARF 4: file 1 is the first.
std::string LineTable(const std::vector<std::string>& files, const std::vector<LineRow>& rows);

/// A file with the code [kTextStart, kTextEnd).
std::string DwarfImage(const std::vector<DwarfUnit>& units, const std::string& lines = "");

/// A file opened by our reader.
class DwarfFile {
 public:
  explicit DwarfFile(const std::string& image);
  DwarfFile(const std::vector<DwarfUnit>& units, const std::string& lines = "")
      : DwarfFile(DwarfImage(units, lines)) {}

  [[nodiscard]] bool is_open() const { return names_ != nullptr; }
  [[nodiscard]] DwarfNames& names() { return *names_; }
  /// Per frame "name file:line", what is unknown left out, "inlined " before it where it is so;
  /// " < " between a frame and its caller.
  std::string operator()(uint64_t address, Lines lines = Lines::kFunction);

 private:
  tests::TemporaryFolder directory_;
  std::unique_ptr<ElfFile> file_;
  std::unique_ptr<DwarfNames> names_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_DWARF_IMAGE_H_
