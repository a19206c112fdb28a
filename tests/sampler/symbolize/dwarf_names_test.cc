// SPDX-License-Identifier: MIT
#include "sampler/symbolize/dwarf_names.h"

#include <memory>
#include <string>
#include <vector>

#include "elf_image.h"
#include "sample_library.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

// Names of the outermost functions at every 8th byte of the code.
std::vector<std::string> AllFunctions(const ElfFile& file, DwarfNames* names) {
  std::vector<std::string> functions;
  for (const Elf64_Shdr& section : file.sections()) {
    if ((section.sh_flags & SHF_EXECINSTR) == 0) continue;
    for (uint64_t offset = 0; offset < section.sh_size; offset += 8) {
      const std::vector<DwarfFrame> frames = names->Frames(section.sh_addr + offset);
      if (!frames.empty()) functions.push_back(frames.back().linkage_name + frames.back().name);
    }
  }
  return functions;
}

TEST_CASE("DwarfNames: opens nothing where there is no debug information") {
  const auto bare = ElfFile::Open(SamplePath("no_debug"));
  REQUIRE(bare != nullptr);
  CHECK(DwarfNames::Open(bare.get()) == nullptr);
  const std::string image = ElfImage({});
  const auto in_memory = ElfFile::OfImage(image);
  REQUIRE(in_memory != nullptr);
  CHECK(DwarfNames::Open(in_memory.get()) == nullptr);
}

TEST_CASE("DwarfNames: a file opened again answers alike, though inflating wrote to its image") {
  for (const char* variant : {"plain", "compressed"}) {
    INFO(variant);
    const auto file = ElfFile::Open(SamplePath(variant));
    REQUIRE(file != nullptr);
    auto names = DwarfNames::Open(file.get());
    REQUIRE(names != nullptr);
    CHECK(names->index_bytes() == 0);
    const std::vector<std::string> functions = AllFunctions(*file, names.get());
    CHECK_FALSE(functions.empty());
    CHECK(names->index_bytes() > 0);
    names.reset();
    names = DwarfNames::Open(file.get());
    REQUIRE(names != nullptr);
    CHECK(AllFunctions(*file, names.get()) == functions);
  }
}

TEST_CASE("DwarfNames: knows nothing of addresses outside of all units") {
  const auto file = ElfFile::Open(SamplePath("plain"));
  REQUIRE(file != nullptr);
  const auto names = DwarfNames::Open(file.get());
  REQUIRE(names != nullptr);
  for (const uint64_t address : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40, UINT64_MAX}) {
    CHECK(names->Frames(address).empty());
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
