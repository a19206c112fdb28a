// SPDX-License-Identifier: MIT
#include "base/utf8.h"

namespace stacksampler {

uint32_t NextCodePoint(std::string_view text, size_t* i) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte((*i)++);
  if (lead < 0x80) return lead;
  // Leads below 0xc2 would be overlong, leads above 0xf4 beyond U+10FFFF.
  const int tail = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
  if (tail == 0 || *i + tail > text.size()) return kInvalidCodePoint;
  uint32_t code_point = lead & (0x3f >> tail);
  for (int k = 0; k < tail; ++k) {
    const uint8_t next = byte(*i + k);
    if ((next & 0xc0) != 0x80) return kInvalidCodePoint;
    code_point = code_point << 6 | (next & 0x3f);
  }
  const bool overlong = (tail == 2 && code_point < 0x800) || (tail == 3 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
  if (overlong || surrogate || code_point > 0x10ffff) return kInvalidCodePoint;
  *i += tail;
  return code_point;
}

}  // namespace stacksampler
