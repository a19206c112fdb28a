// SPDX-License-Identifier: MIT
#include "sampler/symbolize/short_name.h"

#include <cstdint>

#include "sampler/symbolize/cxx_text.h"

namespace stacksampler::symbolize {
namespace {

constexpr int kMostLevelsKept = 4;
constexpr size_t kTagDigits = 6;
constexpr std::string_view kLambda = "{lambda";

// The name with `levels` levels of lists, each deeper one as its tag where that is shorter.
std::string WithLevels(std::string_view name, int levels) {
  std::string text;
  for (size_t i = 0; i < name.size();) {
    if (const size_t length = FixedOperatorLength(name, i)) {
      text += name.substr(i, length);
      i += length;
      continue;
    }
    const bool is_list = IsGroup(name, i) && (name[i] == '<' || text.ends_with(kLambda));
    const size_t end = is_list ? GroupEnd(name, i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      const size_t next = NextMark(name, i + 1);
      text += name.substr(i, next - i);
      i = next;
      continue;
    }
    const std::string_view list = name.substr(i + 1, end - i - 2);
    text += name[i];
    if (list.size() <= kTagDigits + 1) {
      text += list;
    } else {
      text += levels > 0 ? WithLevels(list, levels - 1) : Tag(list);
    }
    text += name[end - 1];
    i = end;
  }
  return text;
}

}  // namespace

// FNV-1a, folded to 30 bits.
std::string Tag(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefghijkmnpqrstvwxz";
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash ^= hash >> 32;
  std::string tag = "#";
  for (size_t i = 0; i < kTagDigits; ++i, hash >>= 5) tag += kDigits[hash & 31];
  return tag;
}

std::string ShortName(std::string_view name) {
  const std::string whole = WithoutDefaultArguments(name);
  std::string shown = whole;
  for (int levels = kMostLevelsKept; shown.size() > kMaxShownCharacters && levels >= 0; --levels) {
    shown = WithLevels(whole, levels);
  }
  return shown;
}

}  // namespace stacksampler::symbolize
