// SPDX-License-Identifier: MIT
#include "sampler/symbolize/elf_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "sampler/symbolize/build_id.h"

namespace stacksampler::symbolize {
namespace {

// Linkers write a few dozen sections; a build with -ffunction-sections merges them again.
constexpr uint64_t kMaxSections = 65536;

// What our readers of debug information look at. The others (locations of variables, macros, call
// frames) are often as large as all of these.
constexpr std::array<std::string_view, 10> kDebugSections = {
    "info",     "abbrev", "str",      "str_offsets", "line",
    "line_str", "ranges", "rnglists", "addr",        "types"};

template <typename T>
bool ReadAt(std::string_view bytes, uint64_t offset, T* value) {
  if (offset > bytes.size() || sizeof(T) > bytes.size() - offset) return false;
  std::memcpy(value, bytes.data() + offset, sizeof(T));
  return true;
}

bool IsWantedDebugSection(std::string_view name) {
  for (const std::string_view prefix : {".debug_", ".zdebug_"}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view kind = name.substr(prefix.size());
    return std::find(kDebugSections.begin(), kDebugSections.end(), kind) != kDebugSections.end();
  }
  return false;
}

bool IsOurKind(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         (header.e_machine == EM_X86_64 || header.e_machine == EM_AARCH64) &&
         header.e_shentsize == sizeof(Elf64_Shdr);
}

}  // namespace

ElfFile::ElfFile(std::unique_ptr<FileCopy> copy) : copy_(std::move(copy)), bytes_(copy_->bytes()) {}

std::unique_ptr<ElfFile> ElfFile::Open(const std::string& path) {
  std::unique_ptr<FileCopy> copy = FileCopy::Open(path);
  if (copy == nullptr) return nullptr;
  return Read(std::unique_ptr<ElfFile>(new ElfFile(std::move(copy))));
}

std::unique_ptr<ElfFile> ElfFile::OfImage(std::string_view image) {
  return Read(std::unique_ptr<ElfFile>(new ElfFile(image)));
}

std::unique_ptr<ElfFile> ElfFile::OfBytes(std::string bytes) {
  std::unique_ptr<ElfFile> file(new ElfFile(std::string_view()));
  file->owned_ = std::move(bytes);
  file->bytes_ = file->owned_;
  return Read(std::move(file));
}

std::unique_ptr<ElfFile> ElfFile::Read(std::unique_ptr<ElfFile> file) {
  if (!file->ReadSections()) return nullptr;
  file->ReadBuildId();
  return file;
}

std::string_view ElfFile::Slice(uint64_t offset, uint64_t size) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) return {};
  if (copy_ != nullptr && !copy_->Load(offset, size)) return {};
  return bytes_.substr(offset, size);
}

std::string_view ElfFile::Head(size_t size) const {
  return Slice(0, std::min(size, bytes_.size()));
}

void ElfFile::DropSection(const Elf64_Shdr& section) {
  if (copy_ != nullptr) copy_->Drop(section.sh_offset, section.sh_size);
}

bool ElfFile::ReadSections() {
  Elf64_Ehdr header;
  if (!ReadAt(Slice(0, sizeof header), 0, &header) || !IsOurKind(header)) return false;
  Elf64_Shdr first;
  if (!ReadAt(Slice(header.e_shoff, sizeof first), 0, &first)) return true;
  // Counts that do not fit in the header stand in the first section.
  const uint64_t count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
  const uint32_t names = header.e_shstrndx != SHN_XINDEX ? header.e_shstrndx : first.sh_link;
  if (count > kMaxSections) return true;
  const std::string_view table = Slice(header.e_shoff, count * sizeof(Elf64_Shdr));
  if (table.empty()) return true;
  section_table_ = header.e_shoff;
  sections_.resize(count);
  std::memcpy(sections_.data(), table.data(), table.size());
  section_names_ = StringTable(names);
  return true;
}

void ElfFile::ReadBuildId() {
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_type != SHT_NOTE) continue;
    build_id_ = BuildIdOfNotes(SectionBytes(section), section.sh_addralign);
    if (!build_id_.empty()) return;
  }
}

std::string_view ElfFile::SectionBytes(const Elf64_Shdr& section) const {
  if (section.sh_type == SHT_NOBITS || (section.sh_flags & SHF_COMPRESSED) != 0) return {};
  return Slice(section.sh_offset, section.sh_size);
}

std::string_view ElfFile::StringTable(uint32_t section_index) const {
  if (section_index >= sections_.size()) return {};
  const std::string_view table = SectionBytes(sections_[section_index]);
  return table.substr(0, table.rfind('\0') + 1);  // npos + 1 == 0
}

const Elf64_Shdr* ElfFile::FindSection(std::string_view name) const {
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_type != SHT_NOBITS && section.sh_name < section_names_.size() &&
        name == section_names_.data() + section.sh_name) {
      return &section;
    }
  }
  return nullptr;
}

const Elf64_Shdr* ElfFile::FindSection(uint32_t type) const {
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_type == type && !SectionBytes(section).empty()) return &section;
  }
  return nullptr;
}

DebugLink ElfFile::ReadDebugLink() const {
  const Elf64_Shdr* section = FindSection(".gnu_debuglink");
  if (section == nullptr) return {};
  // A C string, padded to four bytes, then the checksum.
  const std::string_view link = SectionBytes(*section);
  const size_t length = link.find('\0');
  if (length == std::string_view::npos) return {};
  DebugLink result;
  if (!ReadAt(link, (length + 4) / 4 * 4, &result.crc)) return {};
  // A name with a directory could point anywhere.
  if (link.substr(0, length).find('/') == std::string_view::npos) {
    result.file_name = link.substr(0, length);
  }
  return result;
}

bool ElfFile::HasDebugInfo() const {
  return FindSection(".debug_info") != nullptr || FindSection(".zdebug_info") != nullptr;
}

std::vector<const Elf64_Shdr*> ElfFile::DebugSections() const {
  std::vector<const Elf64_Shdr*> wanted;
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_type == SHT_NOBITS || section.sh_name >= section_names_.size()) continue;
    if (IsWantedDebugSection(section_names_.data() + section.sh_name)) wanted.push_back(&section);
  }
  return wanted;
}

char* ElfFile::LoadDebugInfo() {
  if (copy_ == nullptr || sections_.empty()) return nullptr;
  for (const Elf64_Shdr* section : DebugSections()) {
    if (copy_->Load(section->sh_offset, section->sh_size)) continue;
    DropDebugInfo();
    return nullptr;
  }
  // libelf notes in the table that it has inflated a section.
  std::memcpy(copy_->image() + section_table_, sections_.data(),
              sections_.size() * sizeof(Elf64_Shdr));
  return copy_->image();
}

void ElfFile::DropDebugInfo() {
  for (const Elf64_Shdr* section : DebugSections()) DropSection(*section);
}

}  // namespace stacksampler::symbolize
