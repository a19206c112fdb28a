// SPDX-License-Identifier: MIT
#include "sampler/symbolize/function_table.h"

#include <memory>
#include <string>
#include <vector>

#include "elf_image.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

// The symbols of an image, looked up.
class Lookup {
 public:
  explicit Lookup(const std::vector<ImageSymbol>& symbols)
      : image_(ElfImage(symbols)), file_(ElfFile::OfImage(image_)) {
    REQUIRE(file_ != nullptr);
    table_ = FunctionTable(*file_, SHT_SYMTAB);
  }
  std::string operator()(uint64_t address) const {
    const FunctionSymbol* function = table_.Find(address);
    return function != nullptr ? function->name : "";
  }

 private:
  std::string image_;
  std::unique_ptr<ElfFile> file_;
  FunctionTable table_;
};

TEST_CASE("FunctionTable: a function covers its bytes and no more") {
  const Lookup name({{"b", 0x1100, 0x10}, {"a", 0x1000, 0x20}});
  CHECK(name(0xfff).empty());
  CHECK(name(0x1000) == "a");
  CHECK(name(0x101f) == "a");
  CHECK(name(0x1020).empty());
  CHECK(name(0x110f) == "b");
  CHECK(name(0x1110).empty());
}

TEST_CASE(
    "FunctionTable: a function without a size reaches up to the next, or to its section's end") {
  const Lookup name({{"a", 0x1000, 0}, {"b", 0x1100, 0x10}, {"c", 0x1200, 0}});
  CHECK(name(0x10ff) == "a");
  CHECK(name(0x1100) == "b");
  CHECK(name(0x1110).empty());
  CHECK(name(kTextEnd - 1) == "c");
  CHECK(name(kTextEnd).empty());
}

TEST_CASE("FunctionTable: a label inside a function does not split it, a nested function does") {
  const Lookup name({{"outer", 0x1000, 0x100},
                     {"label", 0x1010, 0, STB_LOCAL, STT_NOTYPE},
                     {"inner", 0x1040, 0x10}});
  CHECK(name(0x1018) == "outer");
  CHECK(name(0x1048) == "inner");
  CHECK(name(0x1058) == "outer");
}

TEST_CASE("FunctionTable: of the names of one address the best known wins, in any order") {
  std::vector<ImageSymbol> aliases = {{"a_label", 0x1000, 0, STB_GLOBAL, STT_NOTYPE},
                                      {"a_local", 0x1000, 0x10, STB_LOCAL},
                                      {"__qsort", 0x1000, 0x10},
                                      {"qsort_w", 0x1000, 0x10, STB_WEAK},
                                      {"qsort_long", 0x1000, 0x10},
                                      {"qsort_z", 0x1000, 0x10},
                                      {"qsort_a", 0x1000, 0x10}};
  CHECK(Lookup(aliases)(0x1008) == "qsort_a");
  std::vector<ImageSymbol> reversed(aliases.rbegin(), aliases.rend());
  CHECK(Lookup(reversed)(0x1008) == "qsort_a");
  CHECK(Lookup({{"__a", 0x1000, 0x10}, {"b", 0x1000, 0x10, STB_WEAK}})(0x1000) == "b");
  CHECK(Lookup({{"loc", 0x1000, 0x10, STB_LOCAL}, {"_Z1fv", 0x1000, 0x10}})(0x1000) == "_Z1fv");
}

TEST_CASE("FunctionTable: an alias lends its size to one that has none") {
  const Lookup name({{"a", 0x1000, 0}, {"__a", 0x1000, 0x10}, {"b", 0x1100, 0}});
  CHECK(name(0x100f) == "a");
  CHECK(name(0x1010).empty());
}

TEST_CASE("FunctionTable: indirect functions and assembler labels count, data and imports do not") {
  const Lookup name({{"ifunc", 0x1000, 0x10, STB_GLOBAL, STT_GNU_IFUNC},
                     {"assembler", 0x1100, 0x10, STB_GLOBAL, STT_NOTYPE},
                     {"$x", 0x1200, 0x10, STB_LOCAL, STT_NOTYPE},
                     {".L5", 0x1600, 0x10, STB_LOCAL, STT_NOTYPE},
                     {"object", 0x1300, 0x10, STB_GLOBAL, STT_OBJECT},
                     {"import", 0x1400, 0x10, STB_GLOBAL, STT_FUNC, SHN_UNDEF},
                     {"absolute", 0x1500, 0x10, STB_GLOBAL, STT_FUNC, SHN_ABS}});
  CHECK(name(0x1000) == "ifunc");
  CHECK(name(0x1100) == "assembler");
  for (const uint64_t address : {0x1200, 0x1300, 0x1400, 0x1500, 0x1600})
    CHECK(name(address).empty());
}

TEST_CASE(
    "FunctionTable: a size that passes its section's end is cut, an address outside is left out") {
  const Lookup name({{"huge", 0x1f00, UINT64_MAX}, {"before", 0xff0, 0x10}, {"far", 0x9000, 8}});
  CHECK(name(kTextEnd - 1) == "huge");
  CHECK(name(kTextEnd).empty());
  CHECK(name(0xff0).empty());
  CHECK(name(0x9000).empty());
}

}  // namespace
}  // namespace stacksampler::symbolize
