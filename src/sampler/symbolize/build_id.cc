// SPDX-License-Identifier: MIT
#include "sampler/symbolize/build_id.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace stacksampler::symbolize {
namespace {

constexpr std::string_view kOwner("GNU", sizeof("GNU"));  // its NUL is part of the note
constexpr size_t kMaxBuildIdBytes = 64;

size_t AlignUp(size_t size, size_t align) { return (size + align - 1) / align * align; }

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace

std::string BuildIdOfNotes(std::string_view notes, size_t align) {
  if (align != 8) align = 4;  // 0, 1 and 4 all mean 4
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr note;
    std::memcpy(&note, notes.data(), sizeof note);
    // Both sizes are 32 bits wide, so that these sums cannot wrap.
    const size_t description = AlignUp(sizeof note + note.n_namesz, align);
    const size_t end = description + note.n_descsz;
    if (end > notes.size()) return "";
    if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= kMaxBuildIdBytes &&
        notes.substr(sizeof note, note.n_namesz) == kOwner) {
      return Hex(notes.substr(description, note.n_descsz));
    }
    notes.remove_prefix(std::min(AlignUp(end, align), notes.size()));
  }
  return "";
}

}  // namespace stacksampler::symbolize
