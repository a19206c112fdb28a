// SPDX-License-Identifier: MIT
#include "base/visible_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>

#include "base/utf8.h"

namespace stacksampler {
namespace {

struct Span {
  uint32_t first;
  uint32_t last;
};
// Controls, what reorders or hides its neighbours, line ends, and what XML does not take.
constexpr Span kInvisible[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},         {0x61c, 0x61c},
    {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},     {0x2060, 0x206f},
    {0xd800, 0xdfff},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},     {0xfffe, 0xffff},
    {0x1fffe, 0x1ffff}, {0xe0000, 0xe007f}, {0x10fffe, 0x10ffff},
};

bool IsInvisible(uint32_t c) {
  return std::any_of(std::begin(kInvisible), std::end(kInvisible),
                     [c](const Span& span) { return span.first <= c && c <= span.last; });
}

std::string Spelled(uint32_t c) {
  char text[16];
  std::snprintf(text, sizeof text, "\\u{%x}", c);
  return text;
}

}  // namespace

std::string VisibleText(std::string_view text) {
  std::string visible;
  visible.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const uint32_t c = NextCodePoint(text, &i);
    if (c == kInvalidCodePoint) {
      visible += kReplacementUtf8;
    } else if (IsInvisible(c)) {
      visible += Spelled(c);
    } else {
      visible += text.substr(begin, i - begin);
    }
  }
  return visible;
}

std::string Shortened(const std::string& text, size_t most) {
  size_t kept = 0;
  size_t i = 0;
  for (size_t count = 0; i < text.size(); ++count) {
    if (count == most) return text.substr(0, kept) + "\xe2\x80\xa6";
    if (count + 1 == most) kept = i;
    (void)NextCodePoint(text, &i);
  }
  return text;
}

}  // namespace stacksampler
