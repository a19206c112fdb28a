// SPDX-License-Identifier: MIT
//
// Purpose: the words and tokens of time phrases, apart from their grammar.
// Thread safety: free functions, any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_BASE_TIME_WORDS_H_
#define STACKSAMPLER_BASE_TIME_WORDS_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/civil_time.h"

namespace stacksampler {

struct TimeToken {
  enum class Kind { kEnd, kNumber, kWord, kSymbol };

  Kind kind = Kind::kEnd;
  size_t position = 0;        // of its first byte
  std::string_view text;      // borrowed; of a number the digits before the point
  std::string_view fraction;  // of a number the digits behind the point

  [[nodiscard]] bool IsNumber() const { return kind == Kind::kNumber; }
  [[nodiscard]] bool IsSymbol(char c) const { return kind == Kind::kSymbol && text[0] == c; }
  [[nodiscard]] bool IsSign() const { return IsSymbol('+') || IsSymbol('-'); }
  /// `word` in lower case; the token in any.
  [[nodiscard]] bool IsWord(std::string_view word) const;
};

/// Spaces, '_' and ',' only separate. The last token is kEnd, at text.size(). Never fails: what is
/// no number and no ASCII word is a symbol of one byte.
std::vector<TimeToken> TimeTokens(std::string_view text);

/// "s", "minutes", "hr", ...; "m" is a minute and "M" a month, else case does not matter.
std::optional<TimeUnit> TimeUnitNamed(std::string_view word);
/// "mon", "Monday", ...
std::optional<std::chrono::weekday> WeekdayNamed(std::string_view word);
/// "mar", "March", ...
std::optional<std::chrono::month> MonthNamed(std::string_view word);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_WORDS_H_
