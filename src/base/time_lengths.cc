// SPDX-License-Identifier: MIT
#include "base/time_lengths.h"

namespace stacksampler {
namespace {

constexpr const char* kExpectLength = "expected a number and a unit, such as '15minutes'";
constexpr const char* kExpectUnit = "expected a unit such as 'minutes'";

}  // namespace

std::optional<int64_t> ScaleUnit(int64_t whole, int64_t billionths, int64_t unit_ns) {
  int64_t ns = 0;
  if (__builtin_mul_overflow(whole, unit_ns, &ns)) return {};
  const auto part = static_cast<__int128>(billionths) * unit_ns / kSecondNs;
  if (__builtin_add_overflow(ns, static_cast<int64_t>(part), &ns)) return {};
  return ns;
}

bool TimeLengths::ReadAgo(int sign) {
  if (cursor_.Peek().IsNumber() ? !Read(sign) : !ReadArticle(sign)) return false;
  if (sign < 0) cursor_.SkipWord("ago");
  return true;
}

bool TimeLengths::Read(int sign) {
  if (!cursor_.Peek().IsNumber()) return cursor_.Fail(cursor_.Peek(), kExpectLength);
  while (cursor_.Peek().IsNumber()) {
    const TimeToken number = cursor_.Peek();
    const auto whole = DigitsValue(number.text);
    if (!whole) return cursor_.Fail(number, kExpectTimeInRange);
    cursor_.Skip();
    if (!Add(sign, number, *whole, FractionBillionths(number.fraction))) return false;
  }
  return true;
}

bool TimeLengths::ReadUnit(int sign) { return Add(sign, cursor_.Peek(), 1, 0); }

// "an hour", "half a day", "half an hour".
bool TimeLengths::ReadArticle(int sign) {
  const TimeToken first = cursor_.Peek();
  const bool half = cursor_.SkipWord("half");
  const bool article = cursor_.SkipWord("a") || cursor_.SkipWord("an");
  if (!half && !article) return cursor_.Fail(first, kExpectLength);
  return Add(sign, first, half ? 0 : 1, half ? kSecondNs / 2 : 0);
}

bool TimeLengths::Add(int sign, const TimeToken& number, int64_t whole, int64_t billionths) {
  const auto unit = TimeUnitNamed(cursor_.Peek().text);
  if (!unit) return cursor_.Fail(cursor_.Peek(), kExpectUnit);
  cursor_.Skip();
  if (const int months = MonthsIn(*unit)) {
    if (billionths == 0) return AddMonths(sign, months, number, whole);
    return cursor_.Fail(number, "expected a whole number of these units");
  }
  const auto length = ScaleUnit(whole, 0, NanosecondsIn(*unit));
  const auto part = ScaleUnit(0, billionths, NanosecondsIn(*unit));
  return (length && AddLength(*unit, sign * *length) && AddNanoseconds(sign * *part, &ns_)) ||
         cursor_.Fail(number, kExpectTimeInRange);
}

bool TimeLengths::AddMonths(int sign, int64_t months_each, const TimeToken& number, int64_t whole) {
  int64_t count = 0;
  const bool fits = !__builtin_mul_overflow(whole, sign * months_each, &count);
  return (fits && zone_.AddMonths(count, edge_, &ns_)) || cursor_.Fail(number, kExpectTimeInRange);
}

// Whole days leave the time of day as it is, hours are exact.
bool TimeLengths::AddLength(TimeUnit unit, int64_t length_ns) {
  return NanosecondsIn(unit) < kDayNs ? AddNanoseconds(length_ns, &ns_)
                                      : zone_.AddDays(length_ns, edge_, &ns_);
}

}  // namespace stacksampler
