// SPDX-License-Identifier: MIT
#include "sampler/symbolize/elf_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "elf_image.h"
#include "sampler/symbolize/function_table.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

constexpr char kLinked[] = SAMPLE_LIBRARY_DIR "/liblinked.so";
constexpr char kPlain[] = SAMPLE_LIBRARY_DIR "/libplain.so";

std::vector<char> ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Everything that reads the file. Returns a number that depends on every byte read.
size_t ReadEverything(const std::vector<char>& bytes) {
  const auto file = ElfFile::OfImage({bytes.data(), bytes.size()});
  if (file == nullptr) return 0;
  size_t read = file->build_id().size() + file->ReadDebugLink().file_name.size() +
                (file->HasDebugInfo() ? 1 : 0);
  for (const uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
    const FunctionTable table(*file, type);
    for (uint64_t address = 0; address < 0x4000; address += 16) {
      const FunctionSymbol* function = table.Find(address);
      if (function != nullptr) read += std::strlen(function->name);
    }
  }
  return read;
}

TEST_CASE("ElfFile: reads build-id, debug link and debug information") {
  const auto plain = ElfFile::Open(kPlain);
  REQUIRE(plain != nullptr);
  CHECK(plain->build_id().size() == 40);
  CHECK(plain->build_id().find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(plain->HasDebugInfo());
  CHECK(plain->ReadDebugLink().file_name.empty());

  const auto linked = ElfFile::Open(kLinked);
  REQUIRE(linked != nullptr);
  CHECK_FALSE(linked->HasDebugInfo());
  CHECK(linked->ReadDebugLink().file_name == "linked.debug");
  CHECK(FunctionTable(*linked, SHT_SYMTAB).empty());
  CHECK_FALSE(FunctionTable(*linked, SHT_DYNSYM).empty());
}

TEST_CASE("ElfFile: a file whose sections are cut off has no debug information to load") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/cut.so";
  std::vector<char> bytes = ReadAll(kPlain);
  bytes.resize(sizeof(Elf64_Ehdr));
  std::ofstream(path, std::ios::binary).write(bytes.data(), sizeof(Elf64_Ehdr));
  const auto file = ElfFile::Open(path);
  REQUIRE(file != nullptr);
  CHECK_FALSE(file->HasDebugInfo());
  CHECK(file->LoadDebugInfo() == nullptr);
}

TEST_CASE("ElfFile: refuses what is not an ELF file of our kind") {
  CHECK(ElfFile::Open(SAMPLE_LIBRARY_DIR) == nullptr);
  CHECK(ElfFile::Open("/dev/null") == nullptr);
  CHECK(ElfFile::Open("/proc/self/cmdline") == nullptr);
  CHECK(ElfFile::Open(SAMPLE_LIBRARY_DIR "/none.so") == nullptr);
  std::string image = ElfImage({});
  REQUIRE(ElfFile::OfImage(image) != nullptr);
  image[EI_CLASS] = ELFCLASS32;
  CHECK(ElfFile::OfImage(image) == nullptr);
}

TEST_CASE("ElfFile: a debug link that names another directory is not followed") {
  std::vector<char> bytes = ReadAll(kLinked);
  const std::string name = "linked.debug";
  const auto at = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  REQUIRE(at != bytes.end());
  at[6] = '/';
  const auto file = ElfFile::OfImage({bytes.data(), bytes.size()});
  REQUIRE(file != nullptr);
  CHECK(file->ReadDebugLink().file_name.empty());
}

TEST_CASE("ElfFile: no cut or mutation of a file makes it read outside of it") {
  std::mt19937 random(20240229);
  size_t read = 0;
  for (const char* path : {kPlain, kLinked}) {
    const std::vector<char> original = ReadAll(path);
    REQUIRE(original.size() > sizeof(Elf64_Ehdr));
    Elf64_Ehdr header;
    std::memcpy(&header, original.data(), sizeof header);
    for (int round = 0; round < 1000; ++round) {
      // A buffer of exactly this size: a sanitizer sees the first byte beyond.
      std::vector<char> bytes = original;
      if (round % 4 == 0) bytes.resize(random() % original.size());
      for (size_t flips = random() % 16; flips > 0 && !bytes.empty(); --flips) {
        // Half of them hit the headers, where each byte steers the reader.
        const size_t range = original.size() - header.e_shoff;
        size_t at = random() % 2 == 0 ? random() : header.e_shoff + random() % range;
        if (random() % 8 == 0) at = random() % sizeof header;
        bytes[at % bytes.size()] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
      }
      bytes.shrink_to_fit();
      read += ReadEverything(bytes);
    }
  }
  CHECK(read > 0);
}

}  // namespace
}  // namespace stacksampler::symbolize
