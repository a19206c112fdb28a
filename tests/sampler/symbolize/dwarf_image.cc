// SPDX-License-Identifier: MIT
#include "dwarf_image.h"

#include <fstream>
#include <map>
#include <utility>

#include "elf_image.h"

namespace stacksampler::symbolize {
namespace {

constexpr size_t kUnitLengthBytes = 4;

template <typename T>
std::string Fixed(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string Leb(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string SignedLeb(int32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 28; shift += 7) bytes += static_cast<char>(value >> shift | 0x80);
  return bytes + static_cast<char>(value >> 28 & 0x7f);
}

// .debug_info with its .debug_abbrev, in which each entry has an abbreviation of its own.
class InfoWriter {
 public:
  void Add(const DwarfUnit& unit) {
    unit_ = info_.size();
    std::string header = Fixed(static_cast<uint16_t>(unit.version));
    const std::string abbreviations = Fixed(uint32_t{0});
    const std::string address_size(1, 8);
    header += unit.version < 5 ? abbreviations + address_size
                               : Fixed(unit.type) + address_size + abbreviations;
    if (unit.type == DW_UT_skeleton) header += Fixed(uint64_t{0});  // its id
    info_ += Fixed(uint32_t{0}) + header;
    Add(unit.root);
    Put(unit_, info_.size() - unit_ - kUnitLengthBytes);
  }

  // REQUIRES: called once, after all units.
  std::string Info() {
    for (const Fixup& fixup : fixups_) Put(fixup.at, labels_.at(fixup.label) - fixup.base);
    return info_;
  }
  std::string Abbreviations() const { return abbreviations_ + '\0'; }

 private:
  struct Fixup {
    size_t at;
    size_t base;
    std::string label;
  };

  void Put(size_t at, size_t value) {
    info_.replace(at, sizeof(uint32_t), Fixed(static_cast<uint32_t>(value)));
  }

  void Add(const DwarfEntry& entry) {
    if (!entry.label.empty()) labels_[entry.label] = info_.size();
    const std::string code = Leb(++entries_);
    abbreviations_ += code + Leb(entry.tag) + static_cast<char>(entry.children.empty() ? 0 : 1);
    info_ += code;
    for (const DwarfAttribute& attribute : entry.attributes) Add(attribute);
    abbreviations_ += std::string(2, '\0');
    for (const DwarfEntry& child : entry.children) Add(child);
    if (!entry.children.empty()) info_ += '\0';
  }

  void Add(const DwarfAttribute& attribute) {
    if (!attribute.label.empty()) labels_[attribute.label] = info_.size();
    abbreviations_ += Leb(attribute.name) + Leb(attribute.form);
    if (!attribute.target.empty()) {
      const size_t base = attribute.form == DW_FORM_ref4 ? unit_ : 0;
      fixups_.push_back({info_.size(), base, attribute.target});
    }
    info_ += attribute.target.empty() ? attribute.bytes : Fixed(uint32_t{0});
  }

  std::string info_;
  std::string abbreviations_;
  size_t unit_ = 0;
  uint64_t entries_ = 0;
  std::map<std::string, size_t> labels_;
  std::vector<Fixup> fixups_;
};

std::string Shown(const DwarfFrame& frame) {
  std::string text = frame.inlined ? "inlined " : "";
  text += frame.linkage_name + frame.name;
  if (!frame.file.empty() || frame.line != 0) text += ' ' + frame.file;
  if (frame.line != 0) text += ':' + std::to_string(frame.line);
  return text;
}

}  // namespace

DwarfAttribute Text(unsigned name, const std::string& text) {
  return {name, DW_FORM_string, text + '\0', "", ""};
}

DwarfAttribute Number(unsigned name, uint64_t value) {
  return {name, DW_FORM_udata, Leb(value), "", ""};
}

DwarfAttribute Address(unsigned name, uint64_t address) {
  return {name, DW_FORM_addr, Fixed(address), "", ""};
}

DwarfAttribute Reference(unsigned name, const std::string& label) {
  return {name, DW_FORM_ref4, "", label, ""};
}

DwarfAttribute FarReference(unsigned name, const std::string& label) {
  return {name, DW_FORM_ref_addr, "", label, ""};
}

DwarfEntry Function(const std::string& name, uint64_t begin, uint64_t end,
                    std::vector<DwarfAttribute> more, std::vector<DwarfEntry> children) {
  if (!name.empty()) more.push_back(Text(DW_AT_name, name));
  more.push_back(Address(DW_AT_low_pc, begin));
  more.push_back(Address(DW_AT_high_pc, end));
  return {DW_TAG_subprogram, std::move(more), std::move(children), ""};
}

DwarfEntry Inlined(uint64_t begin, uint64_t end, std::vector<DwarfAttribute> more) {
  DwarfEntry call = Function("", begin, end, std::move(more));
  call.tag = DW_TAG_inlined_subroutine;
  return call;
}

DwarfEntry Declared(const std::string& label, const std::string& name,
                    std::vector<DwarfAttribute> more) {
  more.push_back(Text(DW_AT_name, name));
  return {DW_TAG_subprogram, std::move(more), {}, label};
}

DwarfEntry Holder(unsigned tag, const std::string& name, std::vector<DwarfEntry> children) {
  std::vector<DwarfAttribute> attributes;
  if (!name.empty()) attributes.push_back(Text(DW_AT_name, name));
  return {tag, std::move(attributes), std::move(children), ""};
}

DwarfUnit Unit(std::vector<DwarfEntry> entries, std::vector<DwarfAttribute> attributes) {
  attributes.push_back(Address(DW_AT_low_pc, kTextStart));
  attributes.push_back(Address(DW_AT_high_pc, kTextEnd));
  return {{DW_TAG_compile_unit, std::move(attributes), std::move(entries), ""}, 4, DW_UT_compile};
}

std::string LineTable(const std::vector<std::string>& files, const std::vector<LineRow>& rows) {
  constexpr char kStandardLengths[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
  // One byte per instruction, one operation, a statement, line base -5, line range 14.
  std::string names{1, 1, 1, -5, 14, sizeof kStandardLengths + 1};
  names.append(kStandardLengths, sizeof kStandardLengths) += '\0';  // no directories
  for (const std::string& file : files) names += file + std::string(4, '\0');
  names += '\0';
  std::string program;
  const auto extended = [&](uint8_t opcode, const std::string& operand) {
    program += '\0' + Leb(operand.size() + 1) + static_cast<char>(opcode) + operand;
  };
  int line = 1;
  for (const LineRow& row : rows) {
    extended(DW_LNE_set_address, Fixed(row.address));
    program += static_cast<char>(DW_LNS_advance_line) + SignedLeb(row.line - line);
    line = row.line;
    program += static_cast<char>(DW_LNS_set_file) + Leb(row.file);
    program += static_cast<char>(DW_LNS_copy);
  }
  extended(DW_LNE_set_address, Fixed(kTextEnd));
  extended(DW_LNE_end_sequence, "");
  const std::string rest = Fixed(static_cast<uint32_t>(names.size())) + names + program;
  return Fixed(static_cast<uint32_t>(rest.size() + 2)) + Fixed(uint16_t{4}) + rest;
}

std::string DwarfImage(const std::vector<DwarfUnit>& units, const std::string& lines) {
  InfoWriter writer;
  for (const DwarfUnit& unit : units) writer.Add(unit);
  std::vector<ImageSection> sections = {{".debug_info", writer.Info()},
                                        {".debug_abbrev", writer.Abbreviations()}};
  if (!lines.empty()) sections.push_back({".debug_line", lines});
  return SectionImage(sections);
}

DwarfFile::DwarfFile(const std::string& image) {
  const std::string path = directory_.path() + "/made.so";
  std::ofstream(path, std::ios::binary) << image;
  file_ = ElfFile::Open(path);
  REQUIRE(file_ != nullptr);
  names_ = DwarfNames::Open(file_.get());
}

std::string DwarfFile::operator()(uint64_t address, Lines lines) {
  REQUIRE(is_open());
  std::string text;
  for (const DwarfFrame& frame : names_->Frames(address, lines)) {
    text += (text.empty() ? "" : " < ") + Shown(frame);
  }
  return text;
}

}  // namespace stacksampler::symbolize
