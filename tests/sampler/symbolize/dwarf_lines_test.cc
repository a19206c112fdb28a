// SPDX-License-Identifier: MIT
//
// Files and lines where the debug information has them wrong, or has none.
#include <string>
#include <vector>

#include "dwarf_image.h"
#include "elf_image.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

constexpr uint64_t kBegin = kTextStart + 0x100;
constexpr uint64_t kCall = kTextStart + 0x140;
constexpr uint64_t kEnd = kTextStart + 0x200;

const DwarfAttribute kLineTable = {DW_AT_stmt_list, DW_FORM_sec_offset, std::string(4, '\0'), "",
                                   ""};

DwarfAttribute Long(unsigned name, uint64_t value) {
  return {name, DW_FORM_data8, std::string(reinterpret_cast<char*>(&value), sizeof value), "", ""};
}

// Of a function "f" with these attributes in a unit that has a table of lines.
std::string Shown(std::vector<DwarfAttribute> attributes, Lines lines = Lines::kFunction,
                  const std::vector<LineRow>& rows = {}) {
  DwarfFile file({Unit({Function("f", kBegin, kEnd, std::move(attributes))}, {kLineTable})},
                 LineTable({"a.cc", "b.cc"}, rows));
  return file(kBegin, lines);
}

TEST_CASE("DwarfNames: tells where a function is declared, as far as that is known") {
  const DwarfAttribute file = Number(DW_AT_decl_file, 2);
  CHECK(Shown({file, Number(DW_AT_decl_line, 12)}) == "f b.cc:12");
  CHECK(Shown({Number(DW_AT_decl_line, 12)}) == "f :12");
  CHECK(Shown({file}) == "f b.cc");
  CHECK(Shown({file, Number(DW_AT_decl_line, 0)}) == "f b.cc");
  CHECK(Shown({file, Number(DW_AT_decl_line, UINT64_MAX)}) == "f b.cc");
  CHECK(Shown({file, Text(DW_AT_decl_line, "12")}) == "f b.cc");
}

TEST_CASE("DwarfNames: a file's number that the unit does not have is no file") {
  for (const uint64_t number : {uint64_t{0}, uint64_t{3}, uint64_t{1} << 40, UINT64_MAX}) {
    CAPTURE(number);
    CHECK(Shown({Number(DW_AT_decl_file, number), Number(DW_AT_decl_line, 12)}) == "f :12");
  }
  CHECK(Shown({Text(DW_AT_decl_file, "b.cc")}) == "f");
}

TEST_CASE("DwarfNames: a unit whose table of lines is missing has functions without files") {
  const std::vector<DwarfAttribute> declared = {Number(DW_AT_decl_file, 1),
                                                Number(DW_AT_decl_line, 3)};
  const auto function = Function("f", kBegin, kEnd, declared);
  const DwarfAttribute outside = {DW_AT_stmt_list, DW_FORM_sec_offset, std::string(4, 'x'), "", ""};
  for (const Lines lines : {Lines::kFunction, Lines::kRunning}) {
    CHECK(DwarfFile({Unit({function})})(kBegin, lines) == "f :3");
    CHECK(DwarfFile({Unit({function}, {kLineTable})})(kBegin, lines) == "f :3");
    CHECK(DwarfFile({Unit({function}, {outside})}, LineTable({"a.cc"}, {}))(kBegin, lines) ==
          "f :3");
  }
}

TEST_CASE("DwarfNames: a file that is declared in a unit of an unknown kind is not known") {
  DwarfUnit unknown;
  unknown.root = {DW_TAG_subprogram, {Number(DW_AT_decl_file, 1)}, {}, "far"};
  unknown.version = 5;
  unknown.type = 0x80;  // DW_UT_lo_user
  const DwarfUnit unit = Unit(
      {Function("f", kBegin, kEnd, {FarReference(DW_AT_abstract_origin, "far")})}, {kLineTable});
  CHECK(DwarfFile({unit, unknown}, LineTable({"a.cc"}, {}))(kBegin).empty());
}

TEST_CASE("DwarfNames: gives the line that runs, and the function's own where there is none") {
  const std::vector<DwarfAttribute> declared = {Number(DW_AT_decl_file, 1),
                                                Number(DW_AT_decl_line, 3)};
  const auto shown = [&](const std::vector<LineRow>& rows) {
    return Shown(declared, Lines::kRunning, rows);
  };
  CHECK(shown({{kBegin, 7, 2}}) == "f b.cc:7");
  CHECK(shown({{kBegin, 7, 0}}) == "f :7");
  CHECK(shown({{kBegin, 7, 99}}) == "f :7");
  CHECK(shown({{kBegin, 0, 2}}) == "f a.cc:3");
  CHECK(shown({{kBegin + 8, 7, 2}}) == "f a.cc:3");
  CHECK(shown({}) == "f a.cc:3");
}

TEST_CASE("DwarfNames: counts the memory of a unit's table of lines once") {
  DwarfFile file({Unit({Function("f", kBegin, kEnd)}, {kLineTable})},
                 LineTable({"a.cc"}, {{kBegin, 7}, {kCall, 8}}));
  const std::string name = file(kBegin);
  const size_t before = file.names().index_bytes();
  CHECK(file(kBegin, Lines::kRunning) == "f a.cc:7");
  const size_t after = file.names().index_bytes();
  CHECK(after > before);
  CHECK(file(kCall, Lines::kRunning) == "f a.cc:8");
  CHECK(file.names().index_bytes() == after);
}

TEST_CASE("DwarfNames: strips the folder of a unit that says where it was compiled") {
  const auto shown = [](const std::vector<DwarfAttribute>& attributes) {
    std::vector<DwarfAttribute> unit = attributes;
    unit.push_back(kLineTable);
    DwarfFile file({Unit({Function("f", kBegin, kEnd, {Number(DW_AT_decl_file, 1)})}, unit)},
                   LineTable({"/builds/acme/app/src/a.cc"}, {}));
    return file(kBegin);
  };
  const DwarfAttribute folder = Text(DW_AT_comp_dir, "/builds/acme/app");
  const std::string whole = shown({});
  CHECK(shown({folder, Text(DW_AT_name, "src/a.cc")}) == "f src/a.cc");
  CHECK(shown({folder}) == "f src/a.cc");
  CHECK(shown({Number(DW_AT_comp_dir, 1), Text(DW_AT_name, "src/a.cc")}) == whole);
}

TEST_CASE(
    "DwarfNames: gives the line of an inlined call, and the function's own where that is bad") {
  const auto shown = [](std::vector<DwarfAttribute> call, Lines lines) {
    call.push_back(Reference(DW_AT_abstract_origin, "callee"));
    const std::vector<DwarfAttribute> declared = {Number(DW_AT_decl_file, 1),
                                                  Number(DW_AT_decl_line, 3)};
    DwarfFile file({Unit({Declared("callee", "g", declared),
                          Function("f", kBegin, kEnd, declared, {Inlined(kCall, kEnd, call)})},
                         {kLineTable})},
                   LineTable({"a.cc", "b.cc"}, {{kBegin, 7, 1}}));
    return file(kCall, lines);
  };
  const DwarfAttribute file = Number(DW_AT_call_file, 2);
  CHECK(shown({file, Number(DW_AT_call_line, 9)}, Lines::kFunction) ==
        "inlined g a.cc:3 < f a.cc:3");
  CHECK(shown({file, Number(DW_AT_call_line, 9)}, Lines::kRunning) ==
        "inlined g a.cc:7 < f b.cc:9");
  CHECK(shown({Number(DW_AT_call_line, 9)}, Lines::kRunning) == "inlined g a.cc:7 < f :9");
  for (const auto& bad : {file, Number(DW_AT_call_line, 0), Text(DW_AT_call_line, "9"),
                          Long(DW_AT_call_line, uint64_t{1} << 32)}) {
    CAPTURE(bad.form);
    CHECK(shown({bad}, Lines::kRunning) == "inlined g a.cc:7 < f a.cc:3");
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
