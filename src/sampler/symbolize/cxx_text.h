// SPDX-License-Identifier: MIT
//
// Purpose: the brackets and operators in the text that a demangler prints.
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: npos, 0.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_CXX_TEXT_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_CXX_TEXT_H_

#include <cstddef>
#include <string_view>

namespace stacksampler::symbolize {

inline constexpr std::string_view kOperator = "operator";

/// Whether `c` may stand in an identifier.
bool IsWordCharacter(char c);

/// Whether the keyword "operator" stands at text[i], not as part of a longer word.
bool IsOperator(std::string_view text, size_t i);

/// Length of "operator<<", "operator new[]" and the like at text[i]. 0 for a conversion, and for
/// what is no operator.
size_t FixedOperatorLengthAt(std::string_view text, size_t i);
inline size_t FixedOperatorLength(std::string_view text, size_t i) {
  return text[i] == kOperator.front() ? FixedOperatorLengthAt(text, i) : 0;  // asked of each byte
}

/// Where a bracket, a word that may be "operator", a comma or what may end a type stands next, from
/// text[i] on; else the text's end. Names are read many times over: letters in between are skipped
/// without a second look.
size_t NextMark(std::string_view text, size_t i);

/// Whether a bracket opens at text[i]. (After a closing parenthesis '<' is a comparison.)
bool IsGroup(std::string_view text, size_t i);

/// One past the bracket that closes the one at text[begin]; npos when none does. The brackets of
/// operators ("&(A::operator<)"), arrows and comparisons, whose operands the demangler puts in
/// parentheses ("(sizeof (int))<(8)"), are none.
size_t GroupEnd(std::string_view text, size_t begin);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_CXX_TEXT_H_
