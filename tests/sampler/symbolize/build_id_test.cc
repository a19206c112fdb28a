// SPDX-License-Identifier: MIT
#include "sampler/symbolize/build_id.h"

#include <string>
#include <vector>

#include "elf_image.h"
#include "sampler/symbolize/elf_file.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

std::string Note(uint32_t type, const std::string& owner, const std::string& text) {
  const Elf64_Nhdr header{static_cast<uint32_t>(owner.size()), static_cast<uint32_t>(text.size()),
                          type};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + owner + text;
}

const std::string kGnu("GNU\0", 4);

std::string BuildIdIn(const std::vector<ImageSection>& sections) {
  const std::string image = SectionImage(sections);
  const auto file = ElfFile::OfImage(image);
  REQUIRE(file != nullptr);
  return file->build_id();
}

}  // namespace

TEST_CASE("BuildIdOfNotes: finds the note among others and survives damaged ones") {
  const std::string build_id = Note(NT_GNU_BUILD_ID, kGnu, "\x01\xab\xcd\xff");
  CHECK(BuildIdOfNotes(build_id, 4) == "01abcdff");
  CHECK(BuildIdOfNotes(Note(NT_GNU_ABI_TAG, kGnu, "abcd") + build_id, 4) == "01abcdff");
  CHECK(BuildIdOfNotes(Note(NT_GNU_BUILD_ID, std::string("XYZ\0", 4), "abcd"), 4).empty());
  CHECK(BuildIdOfNotes(build_id.substr(0, build_id.size() - 1), 4).empty());
  CHECK(BuildIdOfNotes("", 4).empty());
  const Elf64_Nhdr endless{UINT32_MAX, UINT32_MAX, NT_GNU_BUILD_ID};
  CHECK(BuildIdOfNotes({reinterpret_cast<const char*>(&endless), sizeof endless}, 8).empty());
}

TEST_CASE("ElfFile: takes the first build-id of its notes") {
  const std::string id = Note(NT_GNU_BUILD_ID, kGnu, "\x12\x34\x56\x78");
  const std::string tag = Note(NT_GNU_ABI_TAG, kGnu, "abcd");
  CHECK(BuildIdIn({{".other", id}}).empty());
  CHECK(BuildIdIn({{".note", tag, SHT_NOTE}, {".id", id, SHT_NOTE}}) == "12345678");
  CHECK(BuildIdIn({{".note", tag, SHT_NOTE}}).empty());
}

TEST_CASE("BuildIdOfNotes: steps over notes by their alignment, and over ids that are too long") {
  const std::string id = Note(NT_GNU_BUILD_ID, kGnu, "\x12\x34\x56\x78");
  CHECK(BuildIdOfNotes(Note(1, kGnu, "abcd") + std::string(4, '\0') + id, 8) == "12345678");
  CHECK(BuildIdOfNotes(Note(NT_GNU_BUILD_ID, kGnu, std::string(64, 'a')), 4).size() == 128);
  CHECK(BuildIdOfNotes(Note(NT_GNU_BUILD_ID, kGnu, std::string(68, 'a')) + id, 4) == "12345678");
  CHECK(BuildIdOfNotes(Note(1, kGnu, "a"), 4).empty());
}

}  // namespace stacksampler::symbolize
