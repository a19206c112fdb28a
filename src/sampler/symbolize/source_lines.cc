// SPDX-License-Identifier: MIT
#include "sampler/symbolize/source_lines.h"

#include <dwarf.h>

#include <string_view>

namespace stacksampler::symbolize {
namespace {

// libdw's name for file 0 of DWARF 4 and older.
constexpr std::string_view kNoFile = "???";

constexpr size_t kLineBytes = 40;  // of one row in libdw's table, about

std::string FileName(const char* name) {
  return name != nullptr && name != kNoFile ? std::string(name) : std::string();
}

}  // namespace

SourceLine LineAt(const LibDw& libdw, Dwarf_Die unit, uint64_t address) {
  Dwarf_Line* row = libdw.dwarf_getsrc_die(&unit, address);
  int line = 0;
  if (libdw.dwarf_lineno(row, &line) != 0 || line <= 0) return {};  // also where there is no row
  return {FileName(libdw.dwarf_linesrc(row, nullptr, nullptr)), static_cast<uint32_t>(line)};
}

SourceLine CallSite(const LibDw& libdw, Dwarf_Die inlined) {
  Dwarf_Attribute value;
  Dwarf_Word line = 0;
  if (libdw.dwarf_attr(&inlined, DW_AT_call_line, &value) == nullptr ||
      libdw.dwarf_formudata(&value, &line) != 0 || line > UINT32_MAX) {
    return {};
  }
  return {FileOf(libdw, inlined, DW_AT_call_file), static_cast<uint32_t>(line)};
}

// Not by dwarf_decl_file: elfutils 0.188 aborts the process in it where a unit's file table is
// missing.
std::string FileOf(const LibDw& libdw, Dwarf_Die die, unsigned attribute) {
  Dwarf_Attribute value;
  Dwarf_Word index = 0;
  if (libdw.dwarf_attr_integrate(&die, attribute, &value) == nullptr ||
      libdw.dwarf_formudata(&value, &index) != 0) {
    return "";
  }
  Dwarf_Die root;
  Dwarf_Files* files = nullptr;
  size_t count = 0;
  if (libdw.dwarf_cu_info(value.cu, nullptr, nullptr, &root, nullptr, nullptr, nullptr, nullptr) !=
          0 ||
      libdw.dwarf_getsrcfiles(&root, &files, &count) != 0 || index >= count) {
    return "";
  }
  return FileName(libdw.dwarf_filesrc(files, index, nullptr, nullptr));
}

size_t LineTableBytes(const LibDw& libdw, Dwarf_Die unit) {
  Dwarf_Lines* lines = nullptr;
  size_t count = 0;
  return libdw.dwarf_getsrclines(&unit, &lines, &count) == 0 ? count * kLineBytes : 0;
}

}  // namespace stacksampler::symbolize
