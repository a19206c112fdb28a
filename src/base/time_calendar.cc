// SPDX-License-Identifier: MIT
#include "base/time_calendar.h"

#include <optional>

namespace stacksampler {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr const char* kDay = "a day between 1 and 31";
constexpr const char* kMinutes = "minutes between 0 and 59";
constexpr int64_t kMostZoneHours = 14;

struct DateFields {
  std::optional<int64_t> year;
  int64_t month = 0;
  int64_t day = 0;
};

/// YYYYMMDD; eight digits that are no day are seconds since the epoch.
std::optional<sys_days> CompactDate(const TimeToken& token) {
  if (!token.IsNumber() || token.text.size() != 8 || !token.fraction.empty()) return {};
  const auto value = static_cast<int>(DigitsValue(token.text).value_or(0));
  const int year = value / 10000;
  const auto date = std::chrono::year(year) / (value / 100 % 100) / (value % 100);
  if (!date.ok() || year < kFirstYear || year > kLastYear) return {};
  return date;
}

bool ReadYear(TimeCursor* cursor, std::optional<int64_t>* year) {
  if (cursor->Peek().text.size() != 4) {
    return cursor->Fail(cursor->Peek(), "expected a year of four digits");
  }
  return cursor->ReadNumber(kFirstYear, kLastYear, "a year between 1678 and 2261",
                            &year->emplace());
}

bool ReadOptionalYear(TimeCursor* cursor, std::optional<int64_t>* year) {
  if (!cursor->Peek().IsNumber() || StartsTimeOfDay(*cursor)) return true;
  return ReadYear(cursor, year);
}

bool ReadMonth(TimeCursor* cursor, int64_t* month) {
  return cursor->ReadNumber(1, 12, "a month between 1 and 12", month);
}

bool ReadIsoDate(TimeCursor* cursor, DateFields* date) {
  if (!ReadYear(cursor, &date->year)) return false;
  cursor->SkipSymbol('-');  // by which the form was known
  if (!ReadMonth(cursor, &date->month)) return false;
  if (!cursor->SkipSymbol('-')) {
    return cursor->Fail(cursor->Peek(), "expected the day, as in 2026-11-22");
  }
  return cursor->ReadNumber(1, 31, kDay, &date->day);
}

bool ReadSlashDate(TimeCursor* cursor, DateFields* date) {
  if (!ReadMonth(cursor, &date->month)) return false;
  cursor->SkipSymbol('/');  // by which the form was known
  if (!cursor->ReadNumber(1, 31, kDay, &date->day)) return false;
  if (!cursor->SkipSymbol('/')) {
    return cursor->Fail(cursor->Peek(), "expected the year, as in 11/22/2026");
  }
  return ReadYear(cursor, &date->year);
}

bool ReadNamedMonth(TimeCursor* cursor, DateFields* date) {
  const bool day_first = cursor->Peek().IsNumber();
  if (day_first && !cursor->ReadNumber(1, 31, kDay, &date->day)) return false;
  date->month = static_cast<unsigned>(*MonthNamed(cursor->Peek().text));
  cursor->Skip();
  if (!day_first && !cursor->ReadNumber(1, 31, kDay, &date->day)) return false;
  return ReadOptionalYear(cursor, &date->year);
}

bool ReadFields(TimeCursor* cursor, DateFields* date) {
  if (cursor->Peek(1).IsSymbol('-')) return ReadIsoDate(cursor, date);
  if (cursor->Peek(1).IsSymbol('/')) return ReadSlashDate(cursor, date);
  return ReadNamedMonth(cursor, date);
}

bool ReadMinutesAndSeconds(TimeCursor* cursor, int64_t* ns) {
  int64_t minutes = 0;
  int64_t seconds = 0;
  int64_t billionths = 0;
  if (!cursor->SkipSymbol(':')) {
    return cursor->Fail(cursor->Peek(), "expected ':' and the minutes, or 'am' or 'pm'");
  }
  if (!cursor->ReadNumber(0, 59, kMinutes, &minutes)) return false;
  if (cursor->SkipSymbol(':') &&
      !cursor->ReadNumber(0, 59, "seconds between 0 and 59", &seconds, &billionths)) {
    return false;
  }
  *ns = (minutes * 60 + seconds) * kSecondNs + billionths;
  return true;
}

bool ReadClock(TimeCursor* cursor, int64_t* ns) {
  const TimeToken hour = cursor->Peek();
  int64_t hours = 0;
  if (!cursor->ReadNumber(0, 23, "an hour between 0 and 23", &hours)) return false;
  const bool bare = cursor->Peek().IsWord("am") || cursor->Peek().IsWord("pm");
  int64_t rest_ns = 0;
  if (!bare && !ReadMinutesAndSeconds(cursor, &rest_ns)) return false;
  const bool afternoon = cursor->SkipWord("pm");
  if (afternoon || cursor->SkipWord("am")) {
    if (hours < 1 || hours > 12) {
      return cursor->Fail(hour, "expected an hour between 1 and 12 before am or pm");
    }
    hours = hours % 12 + (afternoon ? 12 : 0);
  }
  *ns = hours * 3600 * kSecondNs + rest_ns;
  return true;
}

// A sign and digits may also be a chain ("05:00 -8h"), and two numbers a date ("05:00 20260101").
bool StartsZone(const TimeCursor& cursor) {
  const size_t sign = cursor.Peek().IsSign() ? 1 : 0;
  const TimeToken& number = cursor.Peek(sign);
  const TimeToken& after = cursor.Peek(sign + 1);
  if (!number.IsNumber() || !number.fraction.empty()) return false;
  if (number.text.size() == 2 && after.IsSymbol(':')) return true;
  const bool has_unit = after.kind == TimeToken::Kind::kWord;
  return sign != 0 && !has_unit && (number.text.size() == 2 || number.text.size() == 4);
}

bool ReadZone(TimeCursor* cursor, std::optional<int64_t>* east_ns) {
  if (cursor->SkipWord("z") || cursor->SkipWord("utc") || cursor->SkipWord("gmt")) {
    *east_ns = 0;
    return true;
  }
  if (!StartsZone(*cursor)) return true;
  const bool west = cursor->SkipSymbol('-');
  if (!west) cursor->SkipSymbol('+');
  const TimeToken digits = cursor->Peek();
  const int64_t hours = *DigitsValue(digits.text.substr(0, 2));
  int64_t minutes = digits.text.size() == 4 ? *DigitsValue(digits.text.substr(2)) : 0;
  cursor->Skip();
  if (cursor->SkipSymbol(':') && !cursor->ReadNumber(0, 59, kMinutes, &minutes)) return false;
  if (hours > kMostZoneHours || minutes > 59) {
    return cursor->Fail(digits, "expected a zone between -14:00 and +14:00");
  }
  *east_ns = (hours * 60 + minutes) * 60 * kSecondNs * (west ? -1 : 1);
  return true;
}

}  // namespace

bool StartsDate(const TimeCursor& cursor) {
  const TimeToken& first = cursor.Peek();
  if (first.kind == TimeToken::Kind::kWord) return MonthNamed(first.text).has_value();
  if (!first.IsNumber() || !first.fraction.empty()) return false;
  if (CompactDate(first)) return true;
  const TimeToken& second = cursor.Peek(1);
  if (second.IsSymbol('-')) return first.text.size() == 4 && cursor.Peek(2).IsNumber();
  if (second.IsSymbol('/')) return cursor.Peek(2).IsNumber();
  return second.kind == TimeToken::Kind::kWord && MonthNamed(second.text);
}

bool ReadDate(TimeCursor* cursor, sys_days today, PhraseDate* date) {
  const TimeToken first = cursor->Peek();
  if (const auto compact = CompactDate(first)) {
    *date = {*compact, true};
    cursor->Skip();
    return true;
  }
  DateFields fields;
  if (!ReadFields(cursor, &fields)) return false;
  const int this_year = static_cast<int>(year_month_day(today).year());
  const auto year = std::chrono::year(static_cast<int>(fields.year.value_or(this_year)));
  year_month_day day = year / static_cast<int>(fields.month) / static_cast<int>(fields.day);
  if (!fields.year && sys_days(day) > today) day -= std::chrono::years(1);
  if (!day.ok()) return cursor->Fail(first, "expected a day that exists in its month");
  *date = {day, fields.year.has_value()};
  return true;
}

bool StartsTimeOfDay(const TimeCursor& cursor) {
  const TimeToken& first = cursor.Peek();
  if (first.IsWord("noon") || first.IsWord("midnight")) return true;
  if (!first.IsNumber()) return false;
  const TimeToken& second = cursor.Peek(1);
  return second.IsSymbol(':') || second.IsWord("am") || second.IsWord("pm");
}

bool ReadTimeOfDay(TimeCursor* cursor, PhraseClock* clock) {
  *clock = {};
  if (cursor->SkipWord("noon")) {
    clock->ns_of_day = kDayNs / 2;
  } else if (!cursor->SkipWord("midnight") && !ReadClock(cursor, &clock->ns_of_day)) {
    return false;
  }
  return ReadZone(cursor, &clock->east_ns);
}

}  // namespace stacksampler
