// SPDX-License-Identifier: MIT
//
// Whatever stands in a file: our own readers neither read outside of it nor go on without end.
// (libdw is not among them: it is run on the host's own modules alone, as debuggers do.)
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "sample_library.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/function_table.h"
#include "sampler/symbolize/mini_symbols.h"
#include "sampler/symbolize/module_names.h"
#include "sampler/symbolize/shown_name.h"
#include "sampler/symbolize/symbol_files.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

std::vector<char> ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Where each byte steers the readers: headers, the section table, symbols, links and notes.
std::vector<size_t> SteeringBytes(const std::string& path, size_t size) {
  const auto file = ElfFile::Open(path);
  REQUIRE(file != nullptr);
  std::vector<size_t> offsets;
  const auto add = [&](uint64_t begin, uint64_t length) {
    for (uint64_t i = begin; i < std::min<uint64_t>(begin + length, size); ++i)
      offsets.push_back(i);
  };
  add(0, sizeof(Elf64_Ehdr));
  Elf64_Ehdr header;
  std::memcpy(&header, file->Head(sizeof header).data(), sizeof header);
  add(header.e_shoff, file->sections().size() * sizeof(Elf64_Shdr));
  for (const Elf64_Shdr& section : file->sections()) {
    if (section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM ||
        section.sh_type == SHT_STRTAB || section.sh_type == SHT_NOTE) {
      add(section.sh_offset, section.sh_size);
    }
  }
  return offsets;
}

// Returns a number that depends on every byte read.
size_t ReadEverything(const ElfFile& file) {
  size_t read = file.build_id().size() + file.ReadDebugLink().file_name.size() +
                (file.HasDebugInfo() ? 1 : 0) + file.Head(1024).size();
  const auto mini = OpenMiniSymbols(file);
  for (const uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
    const FunctionTable table(file, type);
    for (uint64_t address = 0; address < 0x4000; address += 16) {
      const FunctionSymbol* function = table.Find(address);
      if (function != nullptr) read += ShownName(function->name).size();
    }
  }
  return read + (mini != nullptr ? mini->sections().size() : 0);
}

TEST_CASE("Symbol files: thousands of mutations are read to the end, as a file and as an image") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/mutated.so";
  std::mt19937 random(20240229);
  size_t read = 0;
  for (const char* variant : {"no_debug", "linked", "mini", "compressed"}) {
    const std::vector<char> original = ReadAll(SamplePath(variant));
    const std::vector<size_t> steering = SteeringBytes(SamplePath(variant), original.size());
    for (int round = 0; round < 1000; ++round) {
      std::vector<char> bytes = original;
      for (size_t flips = 1 + random() % 8; flips > 0; --flips) {
        bytes[steering[random() % steering.size()]] =
            static_cast<char>(random() % 3 == 0 ? 0xff : random());
      }
      if (round % 8 == 0) bytes.resize(random() % bytes.size());
      if (const auto image = ElfFile::OfImage({bytes.data(), bytes.size()})) {
        read += ReadEverything(*image);
      }
      std::ofstream(path, std::ios::binary | std::ios::trunc)
          .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      auto file = ElfFile::Open(path);
      if (file == nullptr) continue;
      read += ReadEverything(*file);
      static_cast<void>(OpenDebugFile(*file, path, directory.path()));
      file->LoadDebugInfo();
      file->DropDebugInfo();
    }
  }
  CHECK(read > 0);
}

}  // namespace
}  // namespace stacksampler::symbolize
