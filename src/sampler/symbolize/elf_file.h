// SPDX-License-Identifier: MIT
//
// Purpose: the sections of an ELF file, each copied into memory when it is asked for. 64-bit
//   little-endian, x86-64 and aarch64.
// Invariant: nothing in the file is trusted; every view handed out lies inside the image and holds
//   as long as this object, or until the section is dropped.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: what is damaged, of another kind, or cannot be read reads as absent.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_

#include <elf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sampler/symbolize/file_copy.h"

namespace stacksampler::symbolize {

/// Where a stripped file says that its symbols went.
struct DebugLink {
  std::string file_name;  // without directory; "" when there is no link
  uint32_t crc = 0;       // CRC-32 of that file
};

class ElfFile {
 public:
  /// Null when the file cannot be read or is not an ELF file of our kind.
  static std::unique_ptr<ElfFile> Open(const std::string& path);
  /// Of an image in memory, which must outlive the result.
  static std::unique_ptr<ElfFile> OfImage(std::string_view image);
  /// Of an image that the result keeps.
  static std::unique_ptr<ElfFile> OfBytes(std::string bytes);
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  [[nodiscard]] const std::vector<Elf64_Shdr>& sections() const { return sections_; }
  /// Lower-case hex, "" when it has none.
  [[nodiscard]] const std::string& build_id() const { return build_id_; }

  /// Null when there is none with contents in this file.
  [[nodiscard]] const Elf64_Shdr* FindSection(std::string_view name) const;
  [[nodiscard]] const Elf64_Shdr* FindSection(uint32_t type) const;
  /// Empty for a section without contents, or with some that lie outside the file.
  [[nodiscard]] std::string_view SectionBytes(const Elf64_Shdr& section) const;
  /// A string table, cut behind its last NUL: from any offset below its size runs a C string.
  [[nodiscard]] std::string_view StringTable(uint32_t section_index) const;
  [[nodiscard]] DebugLink ReadDebugLink() const;
  /// The first bytes of the file, at most `size`.
  [[nodiscard]] std::string_view Head(size_t size) const;
  /// Gives back the memory of what SectionBytes() handed out.
  void DropSection(const Elf64_Shdr& section);
  /// Whether libdw would find functions and lines in it.
  [[nodiscard]] bool HasDebugInfo() const;
  /// The image with those sections that hold functions and lines, to be read and written by libdw
  /// (it inflates sections in place). Null for an image in memory, and where they are too large.
  char* LoadDebugInfo();
  void DropDebugInfo();
  [[nodiscard]] size_t image_bytes() const { return bytes_.size(); }
  /// Null for an image in memory.
  [[nodiscard]] const FileCopy* copy() const { return copy_.get(); }

 private:
  explicit ElfFile(std::unique_ptr<FileCopy> copy);
  explicit ElfFile(std::string_view image) : bytes_(image) {}
  static std::unique_ptr<ElfFile> Read(std::unique_ptr<ElfFile> file);
  [[nodiscard]] std::string_view Slice(uint64_t offset, uint64_t size) const;
  [[nodiscard]] std::vector<const Elf64_Shdr*> DebugSections() const;
  bool ReadSections();
  void ReadBuildId();

  std::unique_ptr<FileCopy> copy_;  // null for an image in memory
  std::string owned_;               // image of OfBytes()
  std::string_view bytes_;
  uint64_t section_table_ = 0;  // offset in the file
  std::vector<Elf64_Shdr> sections_;
  std::string_view section_names_;
  std::string build_id_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_
