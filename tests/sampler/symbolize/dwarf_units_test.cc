// SPDX-License-Identifier: MIT
//
// Where functions are looked for in a compile unit, and units that are damaged or of other kinds.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dwarf_image.h"
#include "elf_image.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

constexpr uint64_t kBegin = kTextStart + 0x100;
constexpr uint64_t kEnd = kTextStart + 0x200;

const DwarfEntry kFunction = Function("f", kBegin, kEnd);

std::string NameIn(const std::vector<DwarfEntry>& entries,
                   const std::vector<DwarfAttribute>& unit = {}) {
  return DwarfFile({Unit(entries, unit)})(kBegin);
}

// As a class that something stands behind: of the last entry it is not known where it ends.
std::string NameInType(const DwarfEntry& type, uint64_t language) {
  return NameIn({type, Holder(DW_TAG_base_type, "int", {})}, {Number(DW_AT_language, language)});
}

TEST_CASE("DwarfNames: functions are found in namespaces, modules, types and blocks") {
  for (const unsigned tag : {DW_TAG_namespace, DW_TAG_structure_type, DW_TAG_class_type,
                             DW_TAG_union_type, DW_TAG_subprogram}) {
    CAPTURE(tag);
    CHECK(NameIn({Holder(tag, "outer", {kFunction})}) == "outer::f");
  }
  for (const unsigned tag :
       {DW_TAG_module, DW_TAG_lexical_block, DW_TAG_try_block, DW_TAG_catch_block}) {
    CAPTURE(tag);
    CHECK(NameIn({Holder(tag, "outer", {kFunction})}) == "f");
  }
  CHECK(NameIn({Holder(DW_TAG_enumeration_type, "outer", {kFunction})}).empty());
}

TEST_CASE("DwarfNames: calls inlined in each kind of block belong to the function around it") {
  for (const unsigned tag : {DW_TAG_lexical_block, DW_TAG_try_block, DW_TAG_catch_block}) {
    CAPTURE(tag);
    const DwarfEntry call = Inlined(kBegin, kBegin + 8, {Text(DW_AT_name, "g")});
    DwarfFile file({Unit({Function("f", kBegin, kEnd, {}, {Holder(tag, "", {call})})})});
    CHECK(file(kBegin) == "inlined g < f");
    CHECK(file(kBegin + 8) == "f");
    CHECK(file(kEnd).empty());
  }
}

TEST_CASE(
    "DwarfNames: a call inlined into nothing stands alone, functions without code hold others") {
  DwarfFile file({Unit(
      {Inlined(kEnd, kEnd + 8, {Text(DW_AT_name, "g")}), Function("h", 0, 0, {}, {kFunction})})});
  CHECK(file(kBegin) == "h::f");
  CHECK(file(kEnd) == "inlined g");
}

TEST_CASE("DwarfNames: of functions that overlap the last one counts") {
  DwarfFile file({Unit({Function("first", kBegin, kEnd), Function("last", kBegin + 8, kEnd + 8),
                        Function("end", kEnd + 8, kEnd + 16)})});
  CHECK(file(kBegin + 7) == "first");
  for (const uint64_t address : {kBegin + 8, kEnd, kEnd + 7}) CHECK(file(address) == "last");
  CHECK(file(kEnd + 8) == "end");
}

TEST_CASE("DwarfNames: types are passed over in languages whose types hold no code") {
  const DwarfEntry type = Holder(DW_TAG_class_type, "Type", {kFunction});
  for (const unsigned language :
       {unsigned{DW_LANG_C89}, unsigned{DW_LANG_C99}, unsigned{DW_LANG_C11},
        unsigned{DW_LANG_C_plus_plus}, unsigned{DW_LANG_C_plus_plus_03},
        unsigned{DW_LANG_C_plus_plus_11}, unsigned{DW_LANG_C_plus_plus_14}, 0x2bu, 0x2cu}) {
    CAPTURE(language);
    CHECK(NameInType(type, language).empty());
  }
  for (const unsigned language : {DW_LANG_Rust, DW_LANG_Fortran90, DW_LANG_D}) {
    CAPTURE(language);
    CHECK(NameInType(type, language) == "Type::f");
  }
}

TEST_CASE("DwarfNames: closures and types within functions are looked into in each language") {
  const auto name_in = [](const DwarfEntry& type) { return NameInType(type, DW_LANG_C_plus_plus); };
  CHECK(name_in(Holder(DW_TAG_class_type, "", {kFunction})) == "f");
  CHECK(name_in(Holder(DW_TAG_class_type, "<lambda(int)>", {kFunction})) == "<lambda(int)>::f");
  CHECK(name_in(Holder(DW_TAG_class_type, ".closure", {kFunction})) == ".closure::f");
  const DwarfEntry local = Holder(DW_TAG_class_type, "Local", {kFunction});
  CHECK(name_in(Holder(DW_TAG_subprogram, "outer", {local, Holder(DW_TAG_base_type, "int", {})})) ==
        "outer::Local::f");
}

TEST_CASE("DwarfNames: what is declared in a type that was passed over has its scopes") {
  const auto name_of = [](const std::string& label) {
    const DwarfEntry inner =
        Holder(DW_TAG_union_type, "Inner", {Declared("first", "f"), Declared("second", "g")});
    const DwarfEntry type = Holder(DW_TAG_class_type, "Type",
                                   {Declared("before", "b"), inner, Declared("behind", "h")});
    const DwarfEntry defined = Function("", kBegin, kEnd, {Reference(DW_AT_specification, label)});
    return NameIn({Holder(DW_TAG_namespace, "space", {type, Declared("outside", "o")}), defined},
                  {Number(DW_AT_language, DW_LANG_C_plus_plus)});
  };
  CHECK(name_of("first") == "space::Type::Inner::f");
  CHECK(name_of("second") == "space::Type::Inner::g");
  CHECK(name_of("before") == "space::Type::b");
  CHECK(name_of("behind") == "space::Type::h");
  CHECK(name_of("outside") == "space::o");
}

TEST_CASE("DwarfNames: an entry hidden in a type's own attributes stands in that type") {
  const auto name_in = [](std::vector<DwarfEntry> members) {
    const std::string code_of_decoy = "\2";  // the unit's is 1
    DwarfEntry type = Holder(DW_TAG_class_type, "Type", std::move(members));
    type.attributes.push_back(Text(DW_AT_producer, code_of_decoy + "hidden"));
    type.attributes.back().label = "hidden";
    const DwarfEntry defined =
        Function("", kBegin, kEnd, {Reference(DW_AT_specification, "hidden")});
    return NameIn({Declared("", "decoy"), type, Holder(DW_TAG_base_type, "int", {}), defined},
                  {Number(DW_AT_language, DW_LANG_C_plus_plus)});
  };
  CHECK(name_in({}) == "Type::hidden");
  CHECK(name_in({Declared("", "member")}) == "Type::hidden");
}

TEST_CASE("DwarfNames: code at zero, or that ends where it begins, is of functions left out") {
  CHECK(NameIn({Function("f", 0, kEnd)}).empty());
  CHECK(NameIn({Function("f", kBegin, kBegin)}).empty());
  CHECK(NameIn({Function("f", kEnd, kBegin)}).empty());
  for (const uint64_t begin : {uint64_t{0}, kTextEnd, kTextEnd + 1}) {
    DwarfUnit unit{{DW_TAG_compile_unit,
                    {Address(DW_AT_low_pc, begin), Address(DW_AT_high_pc, kTextEnd)},
                    {kFunction},
                    ""},
                   4,
                   DW_UT_compile};
    CAPTURE(begin);
    CHECK(DwarfFile({unit})(kBegin).empty());
  }
}

// `inner` in so many entries, each with another one behind what it holds.
DwarfEntry Nested(unsigned tag, int depth, DwarfEntry inner) {
  for (int i = 0; i < depth; ++i) {
    inner = Holder(tag, "N", {std::move(inner), Holder(DW_TAG_base_type, "int", {})});
  }
  return inner;
}

TEST_CASE("DwarfNames: functions nested beyond a bound are left out") {
  CHECK(NameIn({Nested(DW_TAG_lexical_block, 400, kFunction)}) == "f");
  CHECK(NameIn({Nested(DW_TAG_lexical_block, 600, kFunction)}).empty());
}

TEST_CASE("DwarfNames: of scopes nested beyond a bound the outermost are told") {
  const auto scopes = [](int depth) {
    const DwarfEntry types = Nested(DW_TAG_class_type, depth, Declared("inner", "f"));
    const DwarfEntry defined =
        Function("", kBegin, kEnd, {Reference(DW_AT_specification, "inner")});
    const std::string name = NameIn({types, Holder(DW_TAG_base_type, "int", {}), defined},
                                    {Number(DW_AT_language, DW_LANG_C_plus_plus)});
    return std::count(name.begin(), name.end(), 'N');
  };
  CHECK(scopes(500) == 500);
  CHECK(scopes(600) == 513);
}

TEST_CASE(
    "DwarfNames: units of unknown kinds, and skeletons whose file is missing, hide no others") {
  const DwarfUnit good = Unit({kFunction});
  for (const uint8_t type : {uint8_t{DW_UT_skeleton}, uint8_t{0x80}, uint8_t{0}}) {
    CAPTURE(type);
    DwarfUnit odd;
    odd.version = 5;
    odd.type = type;
    odd.root = {DW_TAG_compile_unit,
                {Text(DW_AT_dwo_name, "/nonexistent.dwo"), Address(DW_AT_low_pc, kTextEnd),
                 Address(DW_AT_high_pc, kTextEnd + 0x100)},
                {},
                ""};
    DwarfFile file({good, odd});
    CHECK(file(kBegin) == "f");
    CHECK(file(kTextEnd).empty());
  }
}

TEST_CASE("DwarfNames: a unit whose abbreviations are missing has no functions") {
  std::string image = DwarfImage({Unit({kFunction})});
  const size_t name = image.find(".debug_abbrev");
  REQUIRE(name != std::string::npos);
  image[name + 1] = 'x';
  CHECK(DwarfFile(image)(kBegin).empty());
}

TEST_CASE("DwarfNames: finds nothing in debug information that cannot be unpacked") {
  CHECK_FALSE(DwarfFile(SectionImage({{".debug_info", "garbage", SHT_PROGBITS, SHF_COMPRESSED}}))
                  .is_open());
  DwarfFile old(SectionImage({{".zdebug_info", "ZLIB and no more"}}));
  CHECK((!old.is_open() || old(kBegin).empty()));
}

}  // namespace
}  // namespace stacksampler::symbolize
