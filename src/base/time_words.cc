// SPDX-License-Identifier: MIT
#include "base/time_words.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace stacksampler {
namespace {

// <cctype> follows the locale; a phrase means the same everywhere.
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }
bool IsSeparator(char c) { return c == ' ' || c == '\t' || c == '_' || c == ','; }

std::string Lower(std::string_view word) {
  std::string lower;
  std::transform(word.begin(), word.end(), std::back_inserter(lower),
                 [](char c) { return Lower(c); });
  return lower;
}

struct UnitWords {
  TimeUnit unit;
  std::vector<std::string_view> words;
};

const std::vector<UnitWords>& Units() {
  static const std::vector<UnitWords> kUnits = {
      {TimeUnit::kMillisecond, {"ms", "millisecond", "milliseconds"}},
      {TimeUnit::kSecond, {"s", "sec", "secs", "second", "seconds"}},
      {TimeUnit::kMinute, {"m", "min", "mins", "minute", "minutes"}},
      {TimeUnit::kHour, {"h", "hr", "hrs", "hour", "hours"}},
      {TimeUnit::kDay, {"d", "day", "days"}},
      {TimeUnit::kWeek, {"w", "wk", "wks", "week", "weeks"}},
      {TimeUnit::kMonth, {"mo", "mon", "month", "months"}},
      {TimeUnit::kQuarter, {"q", "quarter", "quarters"}},
      {TimeUnit::kYear, {"y", "yr", "yrs", "year", "years"}},
  };
  return kUnits;
}

// The full name, or its beginning from three letters on ("tue", "tues").
bool Abbreviates(std::string_view word, std::string_view name) {
  return word.size() >= 3 && name.substr(0, word.size()) == word;
}

size_t FractionEnd(std::string_view text, size_t point) {
  const bool has_fraction =
      point + 1 < text.size() && text[point] == '.' && IsDigit(text[point + 1]);
  if (!has_fraction) return point;
  return std::min(text.size(), static_cast<size_t>(
                                   std::find_if_not(text.begin() + point + 1, text.end(), IsDigit) -
                                   text.begin()));
}

TimeToken NumberAt(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && IsDigit(text[end])) ++end;
  TimeToken token{TimeToken::Kind::kNumber, begin, text.substr(begin, end - begin), {}};
  const size_t fraction_end = FractionEnd(text, end);
  if (fraction_end > end) token.fraction = text.substr(end + 1, fraction_end - end - 1);
  return token;
}

TimeToken WordAt(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && IsLetter(text[end])) ++end;
  return {TimeToken::Kind::kWord, begin, text.substr(begin, end - begin), {}};
}

TimeToken TokenAt(std::string_view text, size_t begin) {
  if (IsDigit(text[begin])) return NumberAt(text, begin);
  if (IsLetter(text[begin])) return WordAt(text, begin);
  return {TimeToken::Kind::kSymbol, begin, text.substr(begin, 1), {}};
}

}  // namespace

bool TimeToken::IsWord(std::string_view word) const {
  return kind == Kind::kWord && Lower(text) == word;
}

std::vector<TimeToken> TimeTokens(std::string_view text) {
  std::vector<TimeToken> tokens;
  for (size_t i = 0; i < text.size();) {
    if (IsSeparator(text[i])) {
      ++i;
      continue;
    }
    tokens.push_back(TokenAt(text, i));
    const TimeToken& token = tokens.back();
    i += token.text.size() + (token.fraction.empty() ? 0 : 1 + token.fraction.size());
  }
  tokens.push_back({TimeToken::Kind::kEnd, text.size(), {}, {}});
  return tokens;
}

std::optional<TimeUnit> TimeUnitNamed(std::string_view word) {
  if (word == "M") return TimeUnit::kMonth;
  const std::string lower = Lower(word);
  for (const auto& [unit, words] : Units()) {
    if (std::find(words.begin(), words.end(), lower) != words.end()) return unit;
  }
  return {};
}

std::optional<std::chrono::weekday> WeekdayNamed(std::string_view word) {
  static constexpr std::string_view kNames[] = {"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};
  const std::string lower = Lower(word);
  for (unsigned i = 0; i < std::size(kNames); ++i) {
    if (Abbreviates(lower, kNames[i])) return std::chrono::weekday(i);
  }
  return {};
}

std::optional<std::chrono::month> MonthNamed(std::string_view word) {
  static constexpr std::string_view kNames[] = {"january",   "february", "march",    "april",
                                                "may",       "june",     "july",     "august",
                                                "september", "october",  "november", "december"};
  const std::string lower = Lower(word);
  for (unsigned i = 0; i < std::size(kNames); ++i) {
    if (Abbreviates(lower, kNames[i])) return std::chrono::month(i + 1);
  }
  return {};
}

}  // namespace stacksampler
