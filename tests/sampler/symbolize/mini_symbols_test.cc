// SPDX-License-Identifier: MIT
#include "sampler/symbolize/mini_symbols.h"

#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "sample_library.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/modules.h"
#include "sampler/symbolize/symbolizer.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

TEST_CASE("OpenMiniSymbols: unpacks the symbol table of a stripped file, where there is one") {
  const auto file = ElfFile::Open(SamplePath("mini"));
  REQUIRE(file != nullptr);
  REQUIRE(file->FindSection(SHT_SYMTAB) == nullptr);
  const auto mini = OpenMiniSymbols(*file);
  REQUIRE(mini != nullptr);
  CHECK_FALSE(FunctionTable(*mini, SHT_SYMTAB).empty());
  const auto stripped = ElfFile::Open(SamplePath("stripped"));
  REQUIRE(stripped != nullptr);
  CHECK(OpenMiniSymbols(*stripped) == nullptr);
}

TEST_CASE("Symbolizer: names local functions by the packed table, exported ones by .dynsym") {
  const SampleLibrary library(SamplePath("mini"));
  ModuleMap modules;
  modules.Refresh();
  Symbolizer symbolizer;
  const auto name = [&](const char* function) {
    const uintptr_t address = library.Call(function);
    const Module* module = modules.Find(address);
    REQUIRE(module != nullptr);
    return symbolizer.Name(*module, address).back().name;
  };
  CHECK(name("sample_local_address") == "sample::(anonymous namespace)::Local");
  CHECK(name("sample_exported_address") == "sample_exported_address");
}

TEST_CASE("OpenMiniSymbols: damaged data is refused") {
  const tests::TemporaryFolder directory;
  std::ifstream input(SamplePath("mini"), std::ios::binary);
  const std::string original{std::istreambuf_iterator<char>(input), {}};
  const auto file = ElfFile::Open(SamplePath("mini"));
  REQUIRE(file != nullptr);
  const Elf64_Shdr* section = file->FindSection(".gnu_debugdata");
  REQUIRE(section != nullptr);
  std::mt19937 random(20240229);
  size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = original;
    bytes[section->sh_offset + random() % section->sh_size] ^=
        static_cast<char>(1 + random() % 255);
    const auto damaged = ElfFile::OfImage(bytes);
    REQUIRE(damaged != nullptr);
    const auto mini = OpenMiniSymbols(*damaged);
    if (mini == nullptr) ++refused;
  }
  CHECK(refused >= 290);  // checksums see all but padding
}

}  // namespace
}  // namespace stacksampler::symbolize
