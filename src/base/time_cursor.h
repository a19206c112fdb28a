// SPDX-License-Identifier: MIT
//
// Purpose: a walk over the tokens of a time phrase that remembers where and why it failed.
// Thread safety: none.
// Signal safety: none.
// Errors: Fail() keeps position and message; members named Read... call it and return false.
#ifndef STACKSAMPLER_BASE_TIME_CURSOR_H_
#define STACKSAMPLER_BASE_TIME_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_words.h"

namespace stacksampler {

/// Decimal digits as a number; nullopt past 64 bits.
std::optional<int64_t> DigitsValue(std::string_view digits);
/// The digits behind a point, in billionths: "5" is 500'000'000. Further than nine do not count.
int64_t FractionBillionths(std::string_view digits);

class TimeCursor {
 public:
  /// `text` must outlive the cursor.
  explicit TimeCursor(std::string_view text) : tokens_(TimeTokens(text)) {}

  [[nodiscard]] const TimeToken& Peek(size_t ahead = 0) const;
  void Skip();
  bool SkipWord(std::string_view word);
  bool SkipSymbol(char symbol);

  /// Whole number within least..most; `what` says what was expected. Where `billionths` is given,
  /// a fraction is welcome.
  bool ReadNumber(int64_t least, int64_t most, const char* what, int64_t* value,
                  int64_t* billionths = nullptr);

  /// Always false.
  bool Fail(const TimeToken& at, std::string message);
  [[nodiscard]] size_t error_position() const { return error_position_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  std::vector<TimeToken> tokens_;  // the last is kEnd and is never passed
  size_t next_ = 0;
  size_t error_position_ = 0;
  std::string error_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_TIME_CURSOR_H_
