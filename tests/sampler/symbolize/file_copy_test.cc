// SPDX-License-Identifier: MIT
#include "sampler/symbolize/file_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sample_library.h"
#include "sampler/symbolize/dwarf_names.h"
#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/function_table.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

namespace fs = std::filesystem;

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

TEST_CASE("FileCopy: holds what was loaded and zeros elsewhere, and no descriptor") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/file";
  Write(path, std::string(20'000, 'x'));
  const size_t descriptors = OpenDescriptors();
  const auto copy = FileCopy::Open(path);
  REQUIRE(copy != nullptr);
  CHECK(copy->Load(9000, 10));
  CHECK(copy->bytes().size() == 20'000);
  CHECK(copy->bytes().substr(8999, 12) == std::string("\0xxxxxxxxxx\0", 12));
  CHECK(copy->loaded_bytes() == 10);
  CHECK_FALSE(copy->Load(19'999, 2));
  CHECK_FALSE(copy->Load(UINT64_MAX, 2));
  CHECK(OpenDescriptors() == descriptors);
}

TEST_CASE("FileCopy: dropping gives whole pages back and leaves the neighbours") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/file";
  Write(path, std::string(30'000, 'x'));
  const auto copy = FileCopy::Open(path);
  REQUIRE(copy != nullptr);
  REQUIRE((copy->Load(0, 5000) && copy->Load(5000, 20'000) && copy->Load(25'000, 5000)));
  copy->Drop(5000, 20'000);
  CHECK(copy->loaded_bytes() == 10'000);
  CHECK(copy->bytes().substr(0, 5000) == std::string(5000, 'x'));
  CHECK(copy->bytes().substr(25'000) == std::string(5000, 'x'));
  CHECK(copy->bytes()[16'384] == '\0');
  CHECK(copy->Load(5000, 20'000));
  CHECK(copy->bytes() == std::string(30'000, 'x'));
}

TEST_CASE("FileCopy: a file that was cut short, changed or replaced is not read on") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/file";
  for (const bool replaced : {false, true}) {
    Write(path, std::string(20'000, 'x'));
    const auto copy = FileCopy::Open(path);
    REQUIRE(copy != nullptr);
    REQUIRE(copy->Load(0, 100));
    if (replaced) {
      Write(path + ".new", std::string(20'000, 'y'));
      fs::rename(path + ".new", path);
    } else {
      fs::resize_file(path, 10);
    }
    CHECK_FALSE(copy->Load(8192, 100));
    CHECK(copy->bytes().substr(0, 100) == std::string(100, 'x'));
    CHECK_FALSE(copy->ForEachBlock([](std::string_view) {}));
  }
}

TEST_CASE("ElfFile: a file cut short at any time reads as absent, never as a signal") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/lib.so";
  const uintmax_t size = fs::file_size(SamplePath("plain"));
  for (uintmax_t left = 0; left < size; left += size / 16) {
    fs::copy_file(SamplePath("plain"), path, fs::copy_options::overwrite_existing);
    const auto unread = ElfFile::Open(path);
    const auto read = ElfFile::Open(path);
    REQUIRE((unread != nullptr && read != nullptr));
    const FunctionTable functions(*read, SHT_SYMTAB);
    const auto names = DwarfNames::Open(read.get());
    REQUIRE(names != nullptr);
    fs::resize_file(path, left);
    CHECK(FunctionTable(*unread, SHT_SYMTAB).empty());
    CHECK(DwarfNames::Open(unread.get()) == nullptr);
    size_t frames = 0;
    for (uint64_t address = 0; address < 0x3000; address += 8) {
      frames += names->Frames(address).size();
      if (const FunctionSymbol* function = functions.Find(address)) {
        CHECK(std::string(function->name).size() > 1);
      }
    }
    CHECK(frames > 0);
  }
}

// Of the library's file and of what libdw opened for it.
bool IsMapped(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(path)) return true;
  }
  return false;
}

TEST_CASE("DwarfNames: no file stays mapped, neither the module's own nor a split one") {
  for (const char* variant : {"plain", "compressed", "dwarf4_split"}) {
    INFO(variant);
    const auto file = ElfFile::Open(SamplePath(variant));
    REQUIRE(file != nullptr);
    const auto names = DwarfNames::Open(file.get());
    REQUIRE(names != nullptr);
    size_t frames = 0;
    for (uint64_t address = 0; address < 0x3000; address += 8) {
      frames += names->Frames(address).size();
    }
    CHECK(frames > 0);
    CHECK_FALSE(IsMapped(std::string("/lib") + variant + ".so"));
    CHECK_FALSE(IsMapped(".dwo"));
  }
}

}  // namespace
}  // namespace stacksampler::symbolize
