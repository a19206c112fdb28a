// SPDX-License-Identifier: MIT
#include "sampler/symbolize/elf_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "sampler/symbolize/build_id.h"

namespace stacksampler::symbolize {
namespace {

// Linkers write a few dozen sections; a build with -ffunction-sections merges them again.
constexpr uint64_t kMaxSections = 65536;

std::string_view Slice(std::string_view bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return {};
  return bytes.substr(offset, size);
}

template <typename T>
bool ReadAt(std::string_view bytes, uint64_t offset, T* value) {
  const std::string_view slice = Slice(bytes, offset, sizeof(T));
  if (slice.empty()) return false;
  std::memcpy(value, slice.data(), sizeof(T));
  return true;
}

bool IsOurKind(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         (header.e_machine == EM_X86_64 || header.e_machine == EM_AARCH64) &&
         header.e_shentsize == sizeof(Elf64_Shdr);
}

// Empty when it cannot be mapped. The mapping outlives the descriptor.
std::string_view MapFile(const std::string& path) {
  // Not to be held up by a FIFO that somebody left where a library was.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  std::string_view bytes;
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    const auto size = static_cast<size_t>(info.st_size);
    const void* image = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (image != MAP_FAILED) bytes = {static_cast<const char*>(image), size};
  }
  close(fd);
  return bytes;
}

}  // namespace

std::unique_ptr<ElfFile> ElfFile::Open(const std::string& path) {
  const std::string_view bytes = MapFile(path);
  if (bytes.empty()) return nullptr;
  std::unique_ptr<ElfFile> file(new ElfFile(bytes, /*is_mapped=*/true));
  if (!file->ReadSections()) return nullptr;
  file->ReadBuildId();
  return file;
}

std::unique_ptr<ElfFile> ElfFile::OfImage(std::string_view image) {
  std::unique_ptr<ElfFile> file(new ElfFile(image, /*is_mapped=*/false));
  if (!file->ReadSections()) return nullptr;
  file->ReadBuildId();
  return file;
}

ElfFile::~ElfFile() {
  if (is_mapped_) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

char* ElfFile::MakeWritable() {
  char* image = const_cast<char*>(bytes_.data());
  if (!is_mapped_ || mprotect(image, bytes_.size(), PROT_READ | PROT_WRITE) != 0) return nullptr;
  return image;
}

void ElfFile::DropWrites() {
  // Of a private mapping this drops the copied pages alone.
  madvise(const_cast<char*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

bool ElfFile::ReadSections() {
  Elf64_Ehdr header;
  if (!ReadAt(bytes_, 0, &header) || !IsOurKind(header)) return false;
  Elf64_Shdr first;
  if (!ReadAt(bytes_, header.e_shoff, &first)) return true;
  // Counts that do not fit in the header stand in the first section.
  const uint64_t count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
  const uint32_t names = header.e_shstrndx != SHN_XINDEX ? header.e_shstrndx : first.sh_link;
  if (count > kMaxSections) return true;
  const std::string_view table = Slice(bytes_, header.e_shoff, count * sizeof(Elf64_Shdr));
  if (table.empty()) return true;
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
  return Slice(bytes_, section.sh_offset, section.sh_size);
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

}  // namespace stacksampler::symbolize
