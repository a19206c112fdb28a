// SPDX-License-Identifier: MIT
//
// Purpose: ELF files made to order, byte by byte.
#ifndef STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_ELF_IMAGE_H_
#define STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_ELF_IMAGE_H_

#include <elf.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stacksampler::symbolize {

struct ImageSymbol {
  std::string name;
  uint64_t address = 0;
  uint64_t size = 0;
  unsigned char binding = STB_GLOBAL;
  unsigned char type = STT_FUNC;
  uint16_t section = 1;  // .text
};

/// Link-time range of the image's .text.
inline constexpr uint64_t kTextStart = 0x1000;
inline constexpr uint64_t kTextEnd = 0x2000;

struct ImageSection {
  std::string name;
  std::string bytes;
  uint32_t type = SHT_PROGBITS;
  uint64_t flags = 0;
  uint64_t address = 0;
  uint64_t align = 1;
};

/// An x86-64 file with a .text and a .symtab of these symbols.
std::string ElfImage(const std::vector<ImageSymbol>& symbols);

/// An x86-64 file with these sections by their names, behind the empty one that all files have.
std::string SectionImage(const std::vector<ImageSection>& sections);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_TESTS_SAMPLER_SYMBOLIZE_ELF_IMAGE_H_
