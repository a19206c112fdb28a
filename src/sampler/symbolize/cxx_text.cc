// SPDX-License-Identifier: MIT
#include "sampler/symbolize/cxx_text.h"

#include <array>
#include <cstdint>
#include <string>

namespace stacksampler::symbolize {

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

size_t NextMark(std::string_view text, size_t i) {
  static constexpr auto kIsMark = [] {
    std::array<bool, 256> marks{};
    for (const char c : std::string_view("()[]{}<>, *&o")) marks[static_cast<uint8_t>(c)] = true;
    return marks;
  }();
  while (i < text.size() && !kIsMark[static_cast<uint8_t>(text[i])]) ++i;
  return i;
}

bool IsOperator(std::string_view text, size_t i) {
  if (!text.substr(i).starts_with(kOperator)) return false;
  const size_t end = i + kOperator.size();
  return (i == 0 || !IsWordCharacter(text[i - 1])) && end < text.size() &&
         !IsWordCharacter(text[end]);
}

size_t FixedOperatorLengthAt(std::string_view text, size_t i) {
  // Each before its own beginnings.
  static constexpr std::array<std::string_view, 45> kNames = {
      " new[]", " delete[]", " new", " delete", " co_await", "\"\" ", "<=>", "->*", "<<=",
      ">>=",    "()",        "[]",   "->",      "<<",        ">>",    "<=",  ">=",  "==",
      "!=",     "&&",        "||",   "++",      "--",        "+=",    "-=",  "*=",  "/=",
      "%=",     "^=",        "&=",   "|=",      "+",         "-",     "*",   "/",   "%",
      "^",      "&",         "|",    "~",       "!",         "=",     "<",   ">",   ","};
  if (!IsOperator(text, i)) return 0;
  const std::string_view rest = text.substr(i + kOperator.size());
  for (const std::string_view name : kNames) {
    if (!rest.starts_with(name)) continue;
    // "operator newtype" converts to newtype.
    const bool is_word = IsWordCharacter(name.back());
    if (is_word && rest.size() > name.size() && IsWordCharacter(rest[name.size()])) continue;
    return kOperator.size() + name.size();
  }
  return 0;
}

bool IsGroup(std::string_view text, size_t i) {
  const char c = text[i];
  return c == '(' || c == '[' || c == '{' || (c == '<' && (i == 0 || text[i - 1] != ')'));
}

size_t GroupEnd(std::string_view text, size_t begin) {
  std::string open;
  for (size_t i = begin; (i = NextMark(text, i)) < text.size(); ++i) {
    if (const size_t length = FixedOperatorLength(text, i)) {
      i += length - 1;
      continue;
    }
    const char c = text[i];
    const char before = i > begin ? text[i - 1] : ' ';
    if (c == '(' || c == '[' || c == '{' || (c == '<' && before != ')')) {
      open.push_back(c);
      continue;
    }
    if (c == '>' && (open.back() != '<' || before == '-')) continue;
    if (c != ')' && c != ']' && c != '}' && c != '>') continue;
    // A '<' that was never closed within these brackets was a comparison.
    while (c != '>' && open.size() > 1 && open.back() == '<') open.pop_back();
    open.pop_back();
    if (open.empty()) return i + 1;
  }
  return std::string_view::npos;
}

}  // namespace stacksampler::symbolize
