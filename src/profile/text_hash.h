// SPDX-License-Identifier: MIT
//
// Purpose: a hash of text for tables that compare what they find, and do not mind texts made to
//   have one hash.
// Thread safety: pure functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_TEXT_HASH_H_
#define STACKSAMPLER_PROFILE_TEXT_HASH_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stacksampler {

// A product's high half is the better one: turned to where it is used and multiplied again.
inline uint64_t MixInto(uint64_t hash, uint64_t word) {
  return std::rotl((hash ^ word) * 0x9e3779b97f4a7c15ull, 32);
}

inline uint64_t TextHash(std::string_view text) {
  constexpr size_t kWord = sizeof(uint64_t);
  const auto word = [&text](size_t at, size_t bytes) {
    uint64_t value = 0;
    std::memcpy(&value, text.data() + at, bytes);
    return value;
  };
  // Four lanes: each multiplication waits for the one before it in its lane.
  uint64_t a = text.size();
  uint64_t b = 1;
  uint64_t c = 2;
  uint64_t d = 3;
  size_t at = 0;
  for (; at + 4 * kWord <= text.size(); at += 4 * kWord) {
    a = MixInto(a, word(at, kWord));
    b = MixInto(b, word(at + kWord, kWord));
    c = MixInto(c, word(at + 2 * kWord, kWord));
    d = MixInto(d, word(at + 3 * kWord, kWord));
  }
  uint64_t hash = MixInto(MixInto(MixInto(a, b), c), d);
  for (; at + kWord <= text.size(); at += kWord) hash = MixInto(hash, word(at, kWord));
  return MixInto(hash, word(at, text.size() - at));
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_TEXT_HASH_H_
