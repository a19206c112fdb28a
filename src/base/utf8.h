// SPDX-License-Identifier: MIT
//
// Purpose: UTF-8, decoded one code point at a time; what is not UTF-8 is seen, never passed on.
#ifndef STACKSAMPLER_BASE_UTF8_H_
#define STACKSAMPLER_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stacksampler {

inline constexpr uint32_t kInvalidCodePoint = 0xffffffff;
inline constexpr std::string_view kReplacementUtf8 = "\xef\xbf\xbd";  // U+FFFD

/// The code point that begins at text[*i]; moves *i behind it. On a malformed sequence
/// kInvalidCodePoint, and *i moves by one byte. REQUIRES: *i < text.size().
uint32_t NextCodePoint(std::string_view text, size_t* i);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_UTF8_H_
