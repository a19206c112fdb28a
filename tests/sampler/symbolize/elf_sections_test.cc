// SPDX-License-Identifier: MIT
//
// Files whose header or sections say what is not so.
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "elf_image.h"
#include "sampler/symbolize/elf_file.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

namespace stacksampler::symbolize {
namespace {

constexpr size_t kLinkBytes = 12;  // "a.debug", its NUL, the checksum

Elf64_Ehdr HeaderOf(const std::string& image) {
  Elf64_Ehdr header;
  std::memcpy(&header, image.data(), sizeof header);
  return header;
}

void SetHeader(const Elf64_Ehdr& header, std::string* image) {
  std::memcpy(image->data(), &header, sizeof header);
}

// Of section `i`, whose header `change` gets.
template <typename Change>
std::string WithSection(std::string image, size_t i, Change change) {
  char* at = image.data() + HeaderOf(image).e_shoff + i * sizeof(Elf64_Shdr);
  Elf64_Shdr section;
  std::memcpy(&section, at, sizeof section);
  change(&section);
  std::memcpy(at, &section, sizeof section);
  return image;
}

std::string LinkIn(const std::string& bytes) {
  const std::string image = SectionImage({{".gnu_debuglink", bytes}});
  const auto file = ElfFile::OfImage(image);
  REQUIRE(file != nullptr);
  return file->ReadDebugLink().file_name;
}

}  // namespace

TEST_CASE("ElfFile: refuses a file by each part of its header that is not ours") {
  const std::string image = SectionImage({});
  REQUIRE(ElfFile::OfImage(image) != nullptr);
  for (const size_t at : {size_t{0}, size_t{EI_CLASS}, size_t{EI_DATA},
                          offsetof(Elf64_Ehdr, e_machine), offsetof(Elf64_Ehdr, e_shentsize)}) {
    CAPTURE(at);
    std::string other = image;
    other[at] ^= 1;
    CHECK(ElfFile::OfImage(other) == nullptr);
  }
  std::string arm = image;
  Elf64_Ehdr header = HeaderOf(arm);
  header.e_machine = EM_AARCH64;
  SetHeader(header, &arm);
  CHECK(ElfFile::OfImage(arm) != nullptr);
  CHECK(ElfFile::OfImage(image.substr(0, sizeof(Elf64_Ehdr) - 1)) == nullptr);
  CHECK(ElfFile::OfImage("") == nullptr);
}

TEST_CASE("ElfFile: a table of sections that lies outside, or is too long, has no sections") {
  const std::string image = SectionImage({{".some", "bytes"}});
  const auto sections_with = [&](uint64_t offset, uint16_t count) {
    std::string other = image;
    Elf64_Ehdr header = HeaderOf(other);
    header.e_shoff = offset;
    header.e_shnum = count;
    SetHeader(header, &other);
    const auto file = ElfFile::OfImage(other);
    REQUIRE(file != nullptr);
    return file->sections().size();
  };
  const uint64_t table = HeaderOf(image).e_shoff;
  CHECK(sections_with(table, 3) == 3);
  CHECK(sections_with(table, 4) == 0);
  CHECK(sections_with(image.size() - 1, 1) == 0);
  CHECK(sections_with(image.size() + 1, 1) == 0);
  CHECK(sections_with(UINT64_MAX, 1) == 0);
}

TEST_CASE("ElfFile: reads counts that stand in the first section, within a bound") {
  std::string image = SectionImage({{".some", "bytes"}});
  Elf64_Ehdr header = HeaderOf(image);
  header.e_shnum = 0;
  header.e_shstrndx = SHN_XINDEX;
  SetHeader(header, &image);
  const auto with = [&](uint64_t count, uint32_t names) {
    return WithSection(image, 0, [&](Elf64_Shdr* first) {
      first->sh_size = count;
      first->sh_link = names;
    });
  };
  const std::string good = with(3, 2);
  REQUIRE(ElfFile::OfImage(good) != nullptr);
  CHECK(ElfFile::OfImage(good)->FindSection(".some") != nullptr);
  const std::string no_names = with(3, 9);
  CHECK(ElfFile::OfImage(no_names)->FindSection(".some") == nullptr);
  for (const uint64_t count : {uint64_t{0}, uint64_t{65537}, UINT64_MAX}) {
    const std::string bad = with(count, 2);
    CHECK(ElfFile::OfImage(bad)->sections().empty());
  }
}

TEST_CASE("ElfFile: sections without contents, compressed ones and such as lie outside are empty") {
  const std::string image = SectionImage({{".some", "bytes"}});
  const auto bytes_with = [&](auto change) {
    const std::string other = WithSection(image, 1, change);
    const auto file = ElfFile::OfImage(other);
    REQUIRE(file != nullptr);
    return std::string(file->SectionBytes(file->sections()[1]));
  };
  CHECK(bytes_with([](Elf64_Shdr*) {}) == "bytes");
  CHECK(bytes_with([](Elf64_Shdr* s) { s->sh_type = SHT_NOBITS; }).empty());
  CHECK(bytes_with([](Elf64_Shdr* s) { s->sh_flags = SHF_COMPRESSED; }).empty());
  CHECK(bytes_with([](Elf64_Shdr* s) { s->sh_size = UINT64_MAX; }).empty());
  CHECK(bytes_with([](Elf64_Shdr* s) { s->sh_offset = UINT64_MAX; }).empty());
}

TEST_CASE("ElfFile: finds sections by names and types that have contents, and by no others") {
  const std::string image = SectionImage({{".empty", "", SHT_SYMTAB}, {".some", "x", SHT_SYMTAB}});
  const auto file = ElfFile::OfImage(image);
  REQUIRE(file != nullptr);
  CHECK(file->FindSection(SHT_SYMTAB) == &file->sections()[2]);
  CHECK(file->FindSection(SHT_DYNSYM) == nullptr);
  CHECK(file->FindSection(".other") == nullptr);
  const std::string empty = WithSection(image, 2, [](Elf64_Shdr* s) { s->sh_type = SHT_NOBITS; });
  CHECK(ElfFile::OfImage(empty)->FindSection(".some") == nullptr);
  const std::string nameless = WithSection(image, 2, [](Elf64_Shdr* s) { s->sh_name = 1000; });
  CHECK(ElfFile::OfImage(nameless)->FindSection(".some") == nullptr);
}

TEST_CASE("ElfFile: a table of names ends with its last NUL") {
  const std::string image = SectionImage({{".cut", std::string("a\0bc", 4)}, {".none", "abc"}});
  const auto file = ElfFile::OfImage(image);
  REQUIRE(file != nullptr);
  CHECK(file->StringTable(1) == std::string_view("a\0", 2));
  CHECK(file->StringTable(2).empty());
  CHECK(file->StringTable(99).empty());
}

TEST_CASE("ElfFile: follows a debug link that is whole, and names a file") {
  const std::string whole("a.debug\0\1\2\3\4", kLinkBytes);
  CHECK(LinkIn(whole) == "a.debug");
  CHECK(LinkIn(std::string("a/debug\0\1\2\3\4", kLinkBytes)).empty());
  CHECK(LinkIn("a.debug").empty());
  for (size_t size = 0; size < kLinkBytes; ++size) CHECK(LinkIn(whole.substr(0, size)).empty());
  CHECK(LinkIn(std::string("ab\0", 3)).empty());
}

TEST_CASE("ElfFile: loads debug information whole, or none of it") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/debug.so";
  const auto loads = [&](const std::string& image) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << image;
    const auto file = ElfFile::Open(path);
    REQUIRE(file != nullptr);
    const bool is_loaded = file->LoadDebugInfo() != nullptr;
    file->DropDebugInfo();
    return is_loaded;
  };
  const std::string image = SectionImage(
      {{".debug_info", "i"}, {".zdebug_line", "l"}, {".debug_frame", "f"}, {".other", "o"}});
  CHECK(loads(image));
  for (const size_t wanted : {1, 2}) {
    CHECK_FALSE(loads(WithSection(image, wanted, [](Elf64_Shdr* s) { s->sh_size = 1 << 20; })));
    CHECK(loads(WithSection(image, wanted, [](Elf64_Shdr* s) {
      s->sh_size = 1 << 20;
      s->sh_type = SHT_NOBITS;
    })));
    CHECK(loads(WithSection(image, wanted, [](Elf64_Shdr* s) {
      s->sh_size = 1 << 20;
      s->sh_name = 1 << 20;
    })));
  }
  CHECK(loads(WithSection(image, 3, [](Elf64_Shdr* s) { s->sh_size = 1 << 20; })));
  CHECK(ElfFile::OfImage(image)->HasDebugInfo());
  CHECK(ElfFile::OfImage(image)->LoadDebugInfo() == nullptr);
}

TEST_CASE("ElfFile: reads nothing more of a file that was changed") {
  const tests::TemporaryFolder directory;
  const std::string path = directory.path() + "/changed.so";
  std::ofstream(path, std::ios::binary) << SectionImage({{".some", "bytes"}});
  const auto file = ElfFile::Open(path);
  REQUIRE(file != nullptr);
  std::ofstream(path, std::ios::binary | std::ios::app) << "more";
  CHECK(file->SectionBytes(*file->FindSection(".some")).empty());
}

}  // namespace stacksampler::symbolize
