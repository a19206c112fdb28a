// SPDX-License-Identifier: MIT
#include "base/time_phrase.h"

#include <random>
#include <string>

#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Sunday 2026-11-22 05:40:00.25 UTC.
constexpr int64_t kNow = 1'795'326'000 * kSecond + kSecond / 4;

// The moment a phrase names, or why it names none.
std::string At(std::string_view text, TimeEdge edge) {
  const TimePhrase phrase = ParseTimePhrase(text, kNow, edge);
  return phrase.ok ? FormatTime(phrase.ns) : phrase.error;
}

struct Moment {
  const char* text;
  const char* time;
};

TEST_CASE("TimePhrase: relative times count from now") {
  const Moment moments[] = {
      {"now", "2026-11-22T05:40:00.250Z"},
      {" NOW ", "2026-11-22T05:40:00.250Z"},
      {"-15minutes", "2026-11-22T05:25:00.250Z"},
      {"-15 minutes", "2026-11-22T05:25:00.250Z"},
      {"-15_minutes", "2026-11-22T05:25:00.250Z"},
      {"- 15 min", "2026-11-22T05:25:00.250Z"},
      {"15 minutes ago", "2026-11-22T05:25:00.250Z"},
      {"15minutes", "2026-11-22T05:25:00.250Z"},
      {"15m", "2026-11-22T05:25:00.250Z"},
      {"-15M", "2025-08-22T05:40:00.250Z"},
      {"-15mins", "2026-11-22T05:25:00.250Z"},
      {"-250ms", "2026-11-22T05:40:00Z"},
      {"-30s", "2026-11-22T05:39:30.250Z"},
      {"-30 Seconds", "2026-11-22T05:39:30.250Z"},
      {"-1h", "2026-11-22T04:40:00.250Z"},
      {"1hr", "2026-11-22T04:40:00.250Z"},
      {"1.5h", "2026-11-22T04:10:00.250Z"},
      {"-1.5h", "2026-11-22T04:10:00.250Z"},
      {"-0.25s", "2026-11-22T05:40:00Z"},
      {"-2h30m", "2026-11-22T03:10:00.250Z"},
      {"2h 30m ago", "2026-11-22T03:10:00.250Z"},
      {"-15minutes-5seconds", "2026-11-22T05:24:55.250Z"},
      {"now-15m", "2026-11-22T05:25:00.250Z"},
      {"now-1d+2h", "2026-11-21T07:40:00.250Z"},
      {"now+1h", "2026-11-22T06:40:00.250Z"},
      {"+10min", "2026-11-22T05:50:00.250Z"},
      {"in 15 minutes", "2026-11-22T05:55:00.250Z"},
      {"in an hour", "2026-11-22T06:40:00.250Z"},
      {"a minute ago", "2026-11-22T05:39:00.250Z"},
      {"an hour ago", "2026-11-22T04:40:00.250Z"},
      {"half an hour ago", "2026-11-22T05:10:00.250Z"},
      {"half a day", "2026-11-21T17:40:00.250Z"},
      {"last hour", "2026-11-22T04:40:00.250Z"},
      {"past 2 days", "2026-11-20T05:40:00.250Z"},
      {"last week", "2026-11-15T05:40:00.250Z"},
      {"-7days", "2026-11-15T05:40:00.250Z"},
      {"-1w", "2026-11-15T05:40:00.250Z"},
      {"-1mon", "2026-10-22T05:40:00.250Z"},
      {"-1Q", "2026-08-22T05:40:00.250Z"},
      {"-1year", "2025-11-22T05:40:00.250Z"},
      {"-9months", "2026-02-22T05:40:00.250Z"},
      {"now/d", "2026-11-22T00:00:00Z"},
      {"now-1d/d", "2026-11-21T00:00:00Z"},
      {"-1h/h", "2026-11-22T04:00:00Z"},
      {"now/w", "2026-11-16T00:00:00Z"},
      {"now/M", "2026-11-01T00:00:00Z"},
      {"now/m", "2026-11-22T05:40:00Z"},
      {"now/Q", "2026-10-01T00:00:00Z"},
      {"now/y+1d", "2026-01-02T00:00:00Z"},
  };
  for (const auto& [text, time] : moments) {
    INFO(text);
    CHECK(At(text, TimeEdge::kFrom) == time);
    CHECK(ParseTimePhrase(text, kNow, TimeEdge::kFrom).relative);
  }
}

TEST_CASE("TimePhrase: names of days and times of day") {
  const Moment moments[] = {
      {"today", "2026-11-22T00:00:00Z"},
      {"yesterday", "2026-11-21T00:00:00Z"},
      {"Tomorrow", "2026-11-23T00:00:00Z"},
      {"yesterday 14:00", "2026-11-21T14:00:00Z"},
      {"yesterday at 2pm", "2026-11-21T14:00:00Z"},
      {"today 14:00", "2026-11-22T14:00:00Z"},
      {"today-1h", "2026-11-21T23:00:00Z"},
      {"14:00", "2026-11-21T14:00:00Z"},
      {"05:40", "2026-11-22T05:40:00Z"},
      {"5:40:00.25", "2026-11-22T05:40:00.250Z"},
      {"2pm", "2026-11-21T14:00:00Z"},
      {"2:30 PM", "2026-11-21T14:30:00Z"},
      {"12am", "2026-11-22T00:00:00Z"},
      {"12pm yesterday", "2026-11-21T12:00:00Z"},
      {"noon", "2026-11-21T12:00:00Z"},
      {"midnight", "2026-11-22T00:00:00Z"},
      {"noon tomorrow", "2026-11-23T12:00:00Z"},
      {"yesterday noon", "2026-11-21T12:00:00Z"},
      {"14:00Z", "2026-11-21T14:00:00Z"},
      {"monday", "2026-11-16T00:00:00Z"},
      {"Fri", "2026-11-20T00:00:00Z"},
      {"sunday", "2026-11-22T00:00:00Z"},
      {"last sunday", "2026-11-15T00:00:00Z"},
      {"last monday", "2026-11-16T00:00:00Z"},
      {"sunday 14:00", "2026-11-15T14:00:00Z"},
      {"sunday 05:00", "2026-11-22T05:00:00Z"},
      {"sunday at 05:00", "2026-11-22T05:00:00Z"},
      {"sunday at 06:00", "2026-11-15T06:00:00Z"},
      {"monday 14:00 - 30m", "2026-11-16T13:30:00Z"},
      {"Mar 5", "2026-03-05T00:00:00Z"},
      {"5 Dec", "2025-12-05T00:00:00Z"},
      {"Mar 5 14:00", "2026-03-05T14:00:00Z"},
  };
  for (const auto& [text, time] : moments) {
    INFO(text);
    CHECK(At(text, TimeEdge::kFrom) == time);
    CHECK(ParseTimePhrase(text, kNow, TimeEdge::kFrom).relative);
  }
}

TEST_CASE("TimePhrase: dates and epoch numbers do not move with now") {
  const Moment moments[] = {
      {"2026-11-22", "2026-11-22T00:00:00Z"},
      {"2026-1-2", "2026-01-02T00:00:00Z"},
      {"2026-11-22T05:00:00Z", "2026-11-22T05:00:00Z"},
      {"2026-11-22t05:00z", "2026-11-22T05:00:00Z"},
      {"2026-11-22 05:00:00", "2026-11-22T05:00:00Z"},
      {"2026-11-22_05:00", "2026-11-22T05:00:00Z"},
      {"2026-11-22T05:00:00.123456789Z", "2026-11-22T05:00:00.123456789Z"},
      {"2026-11-22T05:00:00+01:00", "2026-11-22T04:00:00Z"},
      {"2026-11-22T05:00:00 01:00", "2026-11-22T04:00:00Z"},
      {"2026-11-22T05:00:00-0830", "2026-11-22T13:30:00Z"},
      {"2026-11-22T05:00-08", "2026-11-22T13:00:00Z"},
      {"2026-11-22T05:00-8h", "2026-11-21T21:00:00Z"},
      {"2026-11-22 2pm UTC", "2026-11-22T14:00:00Z"},
      {"2026-11-22T23:30:00-01:00/h", "2026-11-23T00:00:00Z"},
      {"20160305", "2016-03-05T00:00:00Z"},
      {"20160305T14:00Z", "2016-03-05T14:00:00Z"},
      {"14:00_20160305", "2016-03-05T14:00:00Z"},
      {"14:00 2016-03-05", "2016-03-05T14:00:00Z"},
      {"03/05/2016", "2016-03-05T00:00:00Z"},
      {"03/05/2016 14:00", "2016-03-05T14:00:00Z"},
      {"5 Mar 2016", "2016-03-05T00:00:00Z"},
      {"March 5, 2016", "2016-03-05T00:00:00Z"},
      {"Mar 5 2016 2pm", "2016-03-05T14:00:00Z"},
      {"2024-02-29+1y", "2025-02-28T00:00:00Z"},
      {"2026-03-31-1M", "2026-02-28T00:00:00Z"},
      {"0", "1970-01-01T00:00:00Z"},
      {"1700000000", "2023-11-14T22:13:20Z"},
      {"@1700000000", "2023-11-14T22:13:20Z"},
      {"1700000000.5", "2023-11-14T22:13:20.500Z"},
      {"1700000000-1h", "2023-11-14T21:13:20Z"},
      {"1700000000123", "2023-11-14T22:13:20.123Z"},
      {"1700000000123456", "2023-11-14T22:13:20.123456Z"},
      {"1700000000123456789", "2023-11-14T22:13:20.123456789Z"},
      {"99999999", "1973-03-03T09:46:39Z"},
      {"2026-11-22 05:00 gmt", "2026-11-22T05:00:00Z"},
      {"20261122.5", "1970-08-23T12:05:22.500Z"},
      {"1678-01-01", "1678-01-01T00:00:00Z"},
  };
  for (const auto& [text, time] : moments) {
    INFO(text);
    CHECK(At(text, TimeEdge::kFrom) == time);
    CHECK_FALSE(ParseTimePhrase(text, kNow, TimeEdge::kFrom).relative);
  }
}

TEST_CASE("TimePhrase: the end of a range is the last nanosecond of a day or a rounded unit") {
  const Moment moments[] = {
      {"today", "2026-11-22T23:59:59.999999999Z"},
      {"yesterday", "2026-11-21T23:59:59.999999999Z"},
      {"2026-11-22", "2026-11-22T23:59:59.999999999Z"},
      {"2261-12-31", "2261-12-31T23:59:59.999999999Z"},
      {"20160305", "2016-03-05T23:59:59.999999999Z"},
      {"now/h", "2026-11-22T05:59:59.999999999Z"},
      {"now/w", "2026-11-22T23:59:59.999999999Z"},
      {"now-1M/M", "2026-10-31T23:59:59.999999999Z"},
      {"-1y/y", "2025-12-31T23:59:59.999999999Z"},
      {"now", "2026-11-22T05:40:00.250Z"},
      {"yesterday 14:00", "2026-11-21T14:00:00Z"},
  };
  for (const auto& [text, time] : moments) {
    INFO(text);
    CHECK(At(text, TimeEdge::kUntil) == time);
  }
}

TEST_CASE("TimePhrase: an error names the first byte that does not fit") {
  struct Fault {
    const char* text;
    size_t position;
    const char* said;  // part of the message
  };
  const Fault faults[] = {
      {"", 0, "expected a time"},
      {"   ", 3, "expected a time"},
      {"garbage", 0, "expected a time"},
      {"2小时前", 1, "'/' or the end"},
      {"-15foo", 3, "unit such as 'minutes'"},
      {"2026-11-22T05:00+0199", 17, "a zone between -14:00 and +14:00"},
      {"-15", 3, "unit"},
      {"15 m 3", 6, "unit"},
      {"-", 1, "a number"},
      {"--5m", 1, "a number"},
      {"-m", 1, "a number"},
      {"now 1h", 4, "%2B"},
      {"now-", 4, "a number"},
      {"now/", 4, "round"},
      {"now/fortnight", 4, "round"},
      {"now now", 4, "'/' or the end"},
      {"in ago", 3, "a number"},
      {"in 5m ago", 6, "'/' or the end"},
      {"an", 2, "unit"},
      {"half", 4, "unit"},
      {"last", 4, "weekday"},
      {"last garbage", 5, "weekday"},
      {"1.5M", 0, "whole number of these units"},
      {"25:00", 0, "hour between 0 and 23"},
      {"14:60", 3, "minutes between 0 and 59"},
      {"14:00:60", 6, "seconds between 0 and 59"},
      {"14:", 3, "minutes"},
      {"14:00.5", 3, "minutes"},
      {"13pm", 0, "between 1 and 12"},
      {"0am", 0, "between 1 and 12"},
      {"today 14", 6, "'/' or the end"},
      {"2026-13-01", 5, "month between 1 and 12"},
      {"2026-02-30", 0, "exists"},
      {"2026-11-32", 8, "day between 1 and 31"},
      {"2026-11", 7, "expected the day"},
      {"2026-11-22T", 11, "hour"},
      {"2026-11-22Tx", 10, "end"},
      {"2026-11-22T05", 13, "':'"},
      {"2026-11-22T05:00:00+15:00", 20, "zone"},
      {"2026-11-22T05:00:00+01:77", 23, "minutes"},
      {"2026-11-22T05:00:00X", 19, "'/' or the end"},
      {"1492-10-12", 0, "year between 1678 and 2261"},
      {"9999-12-31", 0, "year between"},
      {"-900years", 1, "between the years"},
      {"-99999999999999999999s", 1, "between the years"},
      {"-9999999999999w", 1, "between the years"},
      {"9223372036854775807y ago", 0, "between the years"},
      {"99999999999999999999", 0, "seconds since 1970"},
      {"9223372036854775807", 0, "between the years"},
      {"1700000000123.5", 0, "whole number"},
      {"@", 1, "seconds since 1970"},
      {"@now", 1, "seconds since 1970"},
      {"2/30/2016", 0, "exists"},
      {"13/01/2016", 0, "month between"},
      {"3/5", 3, "the year"},
      {"3/5/16", 4, "four digits"},
      {"3/5/", 4, "four digits"},
      {"Mar", 3, "day between"},
      {"Mar 5 16", 6, "four digits"},
      {"now;drop", 3, "'/' or the end"},
  };
  for (const auto& [text, position, said] : faults) {
    INFO(text);
    const TimePhrase phrase = ParseTimePhrase(text, kNow, TimeEdge::kFrom);
    CHECK_FALSE(phrase.ok);
    CHECK(phrase.error_position == position);
    INFO(phrase.error);
    CHECK(phrase.error.find(said) != std::string::npos);
  }
}

// What it means, it says in RFC 3339, and that means the same.
void CheckReparses(const std::string& text, int64_t ns) {
  INFO(text);
  const TimePhrase again = ParseTimePhrase(FormatTime(ns), kNow, TimeEdge::kFrom);
  REQUIRE(again.ok);
  REQUIRE(again.ns == ns);
}

std::string RandomPhrase(std::mt19937* random) {
  static const char* const kPieces[] = {
      "-",  "+",  "/",    ":",    " ",  "_",   "@",   ".",   "now",  "today", "yesterday", "monday",
      "1",  "15", "2026", "11",   "22", "05",  "00",  "99",  "min",  "h",     "d",         "M",
      "y",  "Q",  "pm",   "noon", "T",  "Z",   "ago", "an",  "half", "last",  "in",        "Mar",
      "ms", "-1", "1.5",  "\xff", "é",  "now", "-2h", "T05", ":30",  "17000", "2016030"};
  std::string text;
  const size_t pieces = 1 + (*random)() % 7;
  for (size_t i = 0; i < pieces; ++i) text += kPieces[(*random)() % std::size(kPieces)];
  return text;
}

TEST_CASE("TimePhrase: any bytes are either a moment that reparses or an error inside the text") {
  std::mt19937 random(20261122);
  int moments = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = RandomPhrase(&random);
    if (i % 4 == 0) text[random() % text.size()] = static_cast<char>(random());
    const auto edge = i % 2 == 0 ? TimeEdge::kFrom : TimeEdge::kUntil;
    const TimePhrase phrase = ParseTimePhrase(text, kNow, edge);
    if (phrase.ok) {
      ++moments;
      CheckReparses(text, phrase.ns);
    } else {
      REQUIRE(phrase.error_position <= text.size());
      REQUIRE_FALSE(phrase.error.empty());
    }
  }
  CHECK(moments > 1000);
}

// ---- Where the calendar ends.

constexpr int64_t kFirst = -9'214'560'000 * kSecond;        // Saturday 1678-01-01
constexpr int64_t kLast = 9'214'646'400 * kSecond - 1;      // Tuesday 2261-12-31, its end
constexpr int64_t kPastMidnight = 9'191'836'200 * kSecond;  // 2261-04-11T23:50
constexpr char kOutside[] = "between the years 1678 and 2261";

std::string ErrorAt(int64_t now_ns, std::string_view text, TimeEdge edge) {
  const TimePhrase phrase = ParseTimePhrase(text, now_ns, edge);
  return phrase.ok ? "it is " + FormatTime(phrase.ns) : phrase.error;
}

TEST_CASE("TimePhrase: what lies behind the last year is an error, whatever names it") {
  for (const char* text :
       {"tomorrow", "tomorrow 00:00", "00:00 tomorrow", "+1s", "in 1 year", "+100000d", "+0.5h",
        "23:59-05:00", "23:59-05:00 2261-12-31", "2261-12-31T23:59-05:00", "@9223372036.99",
        "+9999999999999999999y", "+1h+999999999999999y"}) {
    for (const TimeEdge edge : {TimeEdge::kFrom, TimeEdge::kUntil}) {
      INFO(text);
      INFO(ErrorAt(kLast, text, edge));
      CHECK(ErrorAt(kLast, text, edge).find(kOutside) != std::string::npos);
    }
  }
  INFO("its day is one that 64 bits of nanoseconds begin, and do not end");
  CHECK(ErrorAt(kPastMidnight, "in 1 year", TimeEdge::kFrom).find(kOutside) != std::string::npos);
}

TEST_CASE("TimePhrase: what lies before the first year is an error, whatever names it") {
  for (const char* text :
       {"yesterday", "00:00 yesterday", "05:00", "-1s", "1 month ago", "now/w", "100000d ago"}) {
    INFO(text);
    INFO(ErrorAt(kFirst, text, TimeEdge::kFrom));
    CHECK(ErrorAt(kFirst, text, TimeEdge::kFrom).find(kOutside) != std::string::npos);
    CHECK(ErrorAt(kFirst, text, TimeEdge::kUntil).find(kOutside) != std::string::npos);
  }
  INFO("the Saturday a week before");
  CHECK(ErrorAt(kFirst, "saturday 05:00", TimeEdge::kFrom).find(kOutside) != std::string::npos);
}

TEST_CASE("TimePhrase: the first and the last nanosecond can be named") {
  CHECK(ErrorAt(kFirst, "now/y", TimeEdge::kFrom) == "it is 1678-01-01T00:00:00Z");
  CHECK(ErrorAt(kLast, "today", TimeEdge::kUntil) == "it is 2261-12-31T23:59:59.999999999Z");
  CHECK(ErrorAt(kLast, "now/y", TimeEdge::kUntil).find(kOutside) != std::string::npos);
}

TEST_CASE("FormatTime: as short as it is exact, before 1970 too") {
  CHECK(FormatTime(0) == "1970-01-01T00:00:00Z");
  CHECK(FormatTime(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(FormatTime(1) == "1970-01-01T00:00:00.000000001Z");
  CHECK(FormatTime(-kSecond / 4) == "1969-12-31T23:59:59.750Z");
  CHECK(FormatTime(INT64_MAX) == "2262-04-11T23:47:16.854775807Z");
  CHECK(FormatTime(INT64_MIN) == "1677-09-21T00:12:43.145224192Z");
}

}  // namespace
}  // namespace stacksampler
