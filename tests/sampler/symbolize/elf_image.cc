// SPDX-License-Identifier: MIT
#include "elf_image.h"

#include <cstring>

namespace stacksampler::symbolize {
namespace {

template <typename T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

Elf64_Shdr Section(uint32_t type, uint64_t offset, uint64_t size) {
  Elf64_Shdr section{};
  section.sh_type = type;
  section.sh_offset = offset;
  section.sh_size = size;
  return section;
}

Elf64_Ehdr Header(uint64_t section_table, size_t sections) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shoff = section_table;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<uint16_t>(sections);
  return header;
}

}  // namespace

std::string ElfImage(const std::vector<ImageSymbol>& symbols) {
  std::string names(1, '\0');
  std::string table = BytesOf(Elf64_Sym{});
  for (const ImageSymbol& symbol : symbols) {
    Elf64_Sym entry{};
    entry.st_name = static_cast<uint32_t>(names.size());
    entry.st_info = static_cast<unsigned char>(ELF64_ST_INFO(symbol.binding, symbol.type));
    entry.st_shndx = symbol.section;
    entry.st_value = symbol.address;
    entry.st_size = symbol.size;
    table += BytesOf(entry);
    names += symbol.name + '\0';
  }

  Elf64_Shdr text = Section(SHT_PROGBITS, 0, kTextEnd - kTextStart);
  text.sh_addr = kTextStart;
  text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
  Elf64_Shdr symtab = Section(SHT_SYMTAB, sizeof(Elf64_Ehdr), table.size());
  symtab.sh_entsize = sizeof(Elf64_Sym);
  symtab.sh_link = 3;
  const Elf64_Shdr strtab = Section(SHT_STRTAB, sizeof(Elf64_Ehdr) + table.size(), names.size());

  const Elf64_Ehdr header = Header(sizeof(Elf64_Ehdr) + table.size() + names.size(), 4);
  return BytesOf(header) + table + names + BytesOf(Elf64_Shdr{}) + BytesOf(text) + BytesOf(symtab) +
         BytesOf(strtab);
}

std::string SectionImage(const std::vector<ImageSection>& sections) {
  std::string names(1, '\0');
  std::string contents;
  std::string table = BytesOf(Elf64_Shdr{});
  const auto add = [&](const ImageSection& section) {
    const uint64_t size = section.bytes.size();
    Elf64_Shdr entry = Section(section.type, sizeof(Elf64_Ehdr) + contents.size(), size);
    entry.sh_name = static_cast<uint32_t>(names.size());
    entry.sh_flags = section.flags;
    entry.sh_addr = section.address;
    entry.sh_addralign = section.align;
    names += section.name + '\0';
    contents += section.bytes;
    table += BytesOf(entry);
  };
  for (const ImageSection& section : sections) add(section);
  const std::string own_name = ".shstrtab";
  add({own_name, names + own_name + '\0', SHT_STRTAB});
  Elf64_Ehdr header = Header(sizeof(Elf64_Ehdr) + contents.size(), sections.size() + 2);
  header.e_shstrndx = static_cast<uint16_t>(sections.size() + 1);
  return BytesOf(header) + contents + table;
}

}  // namespace stacksampler::symbolize
