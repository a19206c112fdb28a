// SPDX-License-Identifier: MIT
#include "base/time_cursor.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stacksampler {
namespace {

constexpr size_t kFractionDigits = 9;

}  // namespace

std::optional<int64_t> DigitsValue(std::string_view digits) {
  int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc()) return {};
  return value;
}

int64_t FractionBillionths(std::string_view digits) {
  int64_t value = 0;
  for (size_t i = 0; i < kFractionDigits; ++i) {
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return value;
}

const TimeToken& TimeCursor::Peek(size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

void TimeCursor::Skip() { next_ = std::min(next_ + 1, tokens_.size() - 1); }

bool TimeCursor::SkipWord(std::string_view word) {
  const bool there = Peek().IsWord(word);
  if (there) Skip();
  return there;
}

bool TimeCursor::SkipSymbol(char symbol) {
  const bool there = Peek().IsSymbol(symbol);
  if (there) Skip();
  return there;
}

bool TimeCursor::ReadNumber(int64_t least, int64_t most, const char* what, int64_t* value,
                            int64_t* billionths) {
  const TimeToken& token = Peek();
  const bool whole = token.IsNumber() && (billionths != nullptr || token.fraction.empty());
  const auto number = whole ? DigitsValue(token.text) : std::nullopt;
  if (!number || *number < least || *number > most) {
    return Fail(token, std::string("expected ") + what);
  }
  *value = *number;
  if (billionths != nullptr) *billionths = FractionBillionths(token.fraction);
  Skip();
  return true;
}

bool TimeCursor::Fail(const TimeToken& at, std::string message) {
  error_position_ = at.position;
  error_ = std::move(message);
  return false;
}

}  // namespace stacksampler
