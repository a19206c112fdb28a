// SPDX-License-Identifier: MIT
//
// Purpose: the sections of an ELF file, read through a mapping. 64-bit little-endian, x86-64 and
//   aarch64.
// Invariant: nothing in the file is trusted; every view handed out lies inside bytes().
// Thread safety: immutable once opened.
// Signal safety: not async-signal-safe.
// Errors: what is damaged or of another kind reads as absent. A file that somebody cuts short in
//   place while it is mapped raises SIGBUS, as it does for a program that runs from it; package
//   managers and linkers replace files instead. (libdw maps its input for the same price: a copy of
//   all symbols and debug information would cost each process tens of megabytes.)
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_

#include <elf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
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
  /// bytes() for a reader that writes where it reads, as libelf does when it inflates a section:
  /// the pages are copied, the file stays as it is. Null for an image in memory.
  char* MakeWritable();
  /// Makes bytes() again what stands in the file.
  void DropWrites();
  /// Whether libdw would find functions and lines in it.
  [[nodiscard]] bool HasDebugInfo() const;

 private:
  ElfFile(std::string_view bytes, bool is_mapped) : bytes_(bytes), is_mapped_(is_mapped) {}
  bool ReadSections();
  void ReadBuildId();

  std::string_view bytes_;
  bool is_mapped_;
  std::vector<Elf64_Shdr> sections_;
  std::string_view section_names_;
  std::string build_id_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_ELF_FILE_H_
