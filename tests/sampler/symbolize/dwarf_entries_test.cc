// SPDX-License-Identifier: MIT
//
// Names of functions whose entries refer to others, or to nothing.
#include <string>
#include <vector>

#include "dwarf_image.h"
#include "elf_image.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

constexpr uint64_t kBegin = kTextStart + 0x100;
constexpr uint64_t kEnd = kTextStart + 0x200;

// The name at the code of one function with these attributes and name, beside others.
std::string NameOf(std::vector<DwarfAttribute> attributes, std::vector<DwarfEntry> others = {},
                   const std::string& name = "") {
  others.push_back(Function(name, kBegin, kEnd, std::move(attributes)));
  others.back().label = "function";
  return DwarfFile({Unit(std::move(others))})(kBegin);
}

DwarfAttribute OriginAt(uint32_t place) {
  return {DW_AT_abstract_origin, DW_FORM_ref_addr,
          std::string(reinterpret_cast<const char*>(&place), sizeof place), "", ""};
}

TEST_CASE("DwarfNames: prefers the linker's name, by either of its attributes") {
  CHECK(NameOf({}, {}, "f") == "f");
  CHECK(NameOf({Text(DW_AT_linkage_name, "_Z1fv")}, {}, "f") == "_Z1fv");
  CHECK(NameOf({Text(DW_AT_MIPS_linkage_name, "_Z1gv")}, {}, "f") == "_Z1gv");
  CHECK(NameOf({Number(DW_AT_linkage_name, 7)}, {}, "f") == "f");
  CHECK(NameOf({}).empty());
}

TEST_CASE("DwarfNames: names what is referred to, by its scopes") {
  const std::vector<DwarfEntry> scopes = {
      Holder(DW_TAG_namespace, "space", {Declared("declared", "f")})};
  for (const unsigned how : {DW_AT_abstract_origin, DW_AT_specification}) {
    CAPTURE(how);
    CHECK(NameOf({Reference(how, "declared")}, scopes) == "space::f");
    CHECK(NameOf({FarReference(how, "declared")}, scopes) == "space::f");
  }
  std::vector<DwarfEntry> chain = scopes;
  chain.push_back({DW_TAG_subprogram, {Reference(DW_AT_specification, "declared")}, {}, "defined"});
  CHECK(NameOf({Reference(DW_AT_abstract_origin, "defined")}, chain) == "space::f");
}

TEST_CASE("DwarfNames: the scopes of a name are namespaces, types and functions") {
  struct Kind {
    unsigned tag;
    const char* named;
    const char* unnamed;
  };
  for (const Kind& kind :
       {Kind{DW_TAG_namespace, "outer::f", "(anonymous namespace)::f"},
        Kind{DW_TAG_structure_type, "outer::f", "f"}, Kind{DW_TAG_class_type, "outer::f", "f"},
        Kind{DW_TAG_union_type, "outer::f", "f"}, Kind{DW_TAG_subprogram, "outer::f", "f"},
        Kind{DW_TAG_module, "f", "f"}, Kind{DW_TAG_lexical_block, "f", "f"}}) {
    CAPTURE(kind.tag);
    for (const bool has_name : {true, false}) {
      const auto holder = Holder(kind.tag, has_name ? "outer" : "", {Declared("declared", "f")});
      CHECK(NameOf({Reference(DW_AT_specification, "declared")}, {holder}) ==
            (has_name ? kind.named : kind.unnamed));
    }
  }
}

TEST_CASE("DwarfNames: a reference that is none, or leads nowhere, leaves the entry's own name") {
  for (const unsigned how : {DW_AT_abstract_origin, DW_AT_specification}) {
    CAPTURE(how);
    CHECK(NameOf({Text(how, "declared")}, {}, "own") == "own");
    CHECK(NameOf({Number(how, 1)}, {}, "own") == "own");
  }
  CHECK(NameOf({OriginAt(0xffff)}, {}, "own") == "own");
}

TEST_CASE("DwarfNames: references in a circle end") {
  CHECK(NameOf({Reference(DW_AT_abstract_origin, "function")}, {}, "own") == "own");
  const DwarfEntry other = Declared("other", "f", {Reference(DW_AT_specification, "function")});
  CHECK_FALSE(NameOf({Reference(DW_AT_specification, "other")}, {other}, "own").empty());
}

TEST_CASE("DwarfNames: a reference to where no entry begins gives no name") {
  const uint32_t length_of_first_unit = 0;  // its low byte ends a list of entries
  DwarfUnit unit = Unit({Function("own", kBegin, kEnd, {OriginAt(length_of_first_unit + 3)})});
  CHECK(DwarfFile({unit})(kBegin).empty());
}

TEST_CASE("DwarfNames: finds scopes in units without code, and names a unit that is referred to") {
  const auto name_by = [](const std::string& label) {
    DwarfUnit partial;
    partial.root = {DW_TAG_partial_unit,
                    {Text(DW_AT_name, "part")},
                    {Holder(DW_TAG_namespace, "space", {Declared("far", "f")})},
                    "root"};
    const DwarfUnit unit =
        Unit({Function("", kBegin, kEnd, {FarReference(DW_AT_abstract_origin, label)})});
    return DwarfFile({partial, unit})(kBegin);
  };
  CHECK(name_by("far") == "space::f");
  CHECK(name_by("root") == "part");
}

}  // namespace
}  // namespace stacksampler::symbolize
