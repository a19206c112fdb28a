// SPDX-License-Identifier: MIT
#include "base/time_zone.h"

#include <random>
#include <string>

#include "base/time_phrase.h"
#include "base/zone_names.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

// Wednesday 2026-11-25 05:40:00 UTC.
constexpr int64_t kNow = 1'795'585'200 * kSecondNs;

TimeZone Zone(std::string_view name) {
  auto zone = FindTimeZone(name);
  REQUIRE(zone);
  return *std::move(zone);
}

int64_t NsAt(std::string_view time) {
  const TimePhrase phrase = ParseTimePhrase(time, kNow, TimeEdge::kFrom);
  REQUIRE(phrase.ok);
  return phrase.ns;
}

struct Moment {
  const char* zone;
  const char* now;  // in UTC
  const char* text;
  const char* from;
  const char* until;
};

void CheckMoments(const std::vector<Moment>& moments) {
  for (const auto& [name, now, text, from, until] : moments) {
    INFO(name << ": " << text << " at " << now);
    const TimeZone zone = Zone(name);
    const auto at = [&, now_ns = NsAt(now), phrase = text](TimeEdge edge) {
      const TimePhrase read = ParseTimePhrase(phrase, now_ns, edge, zone);
      return read.ok ? FormatTime(read.ns, zone) : read.error;
    };
    CHECK(at(TimeEdge::kFrom) == from);
    CHECK(at(TimeEdge::kUntil) == until);
  }
}

constexpr const char* kWinter = "2026-11-24T23:30:00Z";  // the 25th, 00:30, in Berlin

TEST_CASE("TimeZone: days and times of day are the zone's") {
  CheckMoments({
      {"Europe/Berlin", kWinter, "now", "2026-11-25T00:30:00+01:00", "2026-11-25T00:30:00+01:00"},
      {"Europe/Berlin", kWinter, "today", "2026-11-25T00:00:00+01:00",
       "2026-11-25T23:59:59.999999999+01:00"},
      {"UTC", kWinter, "today", "2026-11-24T00:00:00Z", "2026-11-24T23:59:59.999999999Z"},
      {"Europe/Berlin", kWinter, "yesterday 14:00", "2026-11-24T14:00:00+01:00",
       "2026-11-24T14:00:00+01:00"},
      {"Europe/Berlin", kWinter, "14:00", "2026-11-24T14:00:00+01:00", "2026-11-24T14:00:00+01:00"},
      {"Europe/Berlin", kWinter, "2026-07-01", "2026-07-01T00:00:00+02:00",
       "2026-07-01T23:59:59.999999999+02:00"},
      {"Europe/Berlin", kWinter, "wednesday", "2026-11-25T00:00:00+01:00",
       "2026-11-25T23:59:59.999999999+01:00"},
      {"Europe/Berlin", kWinter, "now/M", "2026-11-01T00:00:00+01:00",
       "2026-11-30T23:59:59.999999999+01:00"},
      {"Asia/Kathmandu", kWinter, "now/h", "2026-11-25T05:00:00+05:45",
       "2026-11-25T05:59:59.999999999+05:45"},
      {"-03:30", kWinter, "today", "2026-11-24T00:00:00-03:30",
       "2026-11-24T23:59:59.999999999-03:30"},
  });
}

TEST_CASE("TimeZone: what says its own zone, and lengths of time, are as in UTC") {
  CheckMoments({
      {"Europe/Berlin", kWinter, "2026-11-22T05:00:00Z", "2026-11-22T06:00:00+01:00",
       "2026-11-22T06:00:00+01:00"},
      {"Europe/Berlin", kWinter, "2026-11-22 05:00+05:00", "2026-11-22T01:00:00+01:00",
       "2026-11-22T01:00:00+01:00"},
      {"Europe/Berlin", kWinter, "1700000000", "2023-11-14T23:13:20+01:00",
       "2023-11-14T23:13:20+01:00"},
      {"Europe/Berlin", kWinter, "-90min", "2026-11-24T23:00:00+01:00",
       "2026-11-24T23:00:00+01:00"},
  });
}

TEST_CASE("TimeZone: a time that clocks skip is the moment of the jump") {
  const char* now = "2026-04-10T12:00:00Z";
  CheckMoments({
      {"Europe/Berlin", now, "2026-03-29 01:59:59", "2026-03-29T01:59:59+01:00",
       "2026-03-29T01:59:59+01:00"},
      {"Europe/Berlin", now, "2026-03-29 02:00", "2026-03-29T03:00:00+02:00",
       "2026-03-29T03:00:00+02:00"},
      {"Europe/Berlin", now, "2026-03-29 02:59:59.5", "2026-03-29T03:00:00+02:00",
       "2026-03-29T03:00:00+02:00"},
      {"Australia/Lord_Howe", now, "2026-10-04 02:10", "2026-10-04T02:30:00+11:00",
       "2026-10-04T02:30:00+11:00"},
      // Midnight is skipped: the day begins at 01:00.
      {"America/Sao_Paulo", now, "2018-11-04", "2018-11-04T01:00:00-02:00",
       "2018-11-04T23:59:59.999999999-02:00"},
      {"America/Sao_Paulo", now, "2018-11-03", "2018-11-03T00:00:00-03:00",
       "2018-11-03T23:59:59.999999999-03:00"},
      // The last hour of a day is skipped.
      {"America/Nuuk", now, "2024-03-30", "2024-03-30T00:00:00-02:00",
       "2024-03-30T22:59:59.999999999-02:00"},
      // The whole day is: Samoa went over the date line.
      {"Pacific/Apia", now, "2011-12-30", "2011-12-31T00:00:00+14:00",
       "2011-12-29T23:59:59.999999999-10:00"},
  });
}

TEST_CASE("TimeZone: of a time that comes twice a range has both") {
  const char* now = "2026-10-26T12:00:00Z";
  CheckMoments({
      {"Europe/Berlin", now, "2026-10-25 02:30", "2026-10-25T02:30:00+02:00",
       "2026-10-25T02:30:00+01:00"},
      {"Europe/Berlin", now, "2026-10-25 03:00", "2026-10-25T03:00:00+01:00",
       "2026-10-25T03:00:00+01:00"},
      {"Europe/Berlin", now, "2026-10-25", "2026-10-25T00:00:00+02:00",
       "2026-10-25T23:59:59.999999999+01:00"},
      {"America/New_York", now, "2026-11-01 01:30", "2026-11-01T01:30:00-04:00",
       "2026-11-01T01:30:00-05:00"},
      // In the second 02:30 an hour's beginning is that hour's.
      {"Europe/Berlin", "2026-10-25T01:30:00Z", "now/h", "2026-10-25T02:00:00+01:00",
       "2026-10-25T02:59:59.999999999+01:00"},
      {"Europe/Berlin", "2026-10-25T00:30:00Z", "now/h", "2026-10-25T02:00:00+02:00",
       "2026-10-25T02:59:59.999999999+02:00"},
  });
}

TEST_CASE("TimeZone: days keep the time of day over a change of clocks, hours are exact") {
  const char* spring = "2026-03-29T10:00:00Z";  // 12:00 in Berlin
  CheckMoments({
      {"Europe/Berlin", spring, "-1d", "2026-03-28T12:00:00+01:00", "2026-03-28T12:00:00+01:00"},
      {"Europe/Berlin", spring, "-24h", "2026-03-28T11:00:00+01:00", "2026-03-28T11:00:00+01:00"},
      {"Europe/Berlin", spring, "-1month", "2026-02-28T12:00:00+01:00",
       "2026-02-28T12:00:00+01:00"},
      {"Europe/Berlin", spring, "-1w/d", "2026-03-22T00:00:00+01:00",
       "2026-03-22T23:59:59.999999999+01:00"},
      {"Europe/Berlin", spring, "now/d", "2026-03-29T00:00:00+01:00",
       "2026-03-29T23:59:59.999999999+02:00"},
      {"Europe/Berlin", "2026-10-25T01:30:00Z", "now-0d", "2026-10-25T02:30:00+01:00",
       "2026-10-25T02:30:00+01:00"},
  });
}

TEST_CASE("TimeZone: a zone's last rule goes on for ever") {
  CheckMoments({
      {"Europe/Berlin", kWinter, "2100-07-01 12:00", "2100-07-01T12:00:00+02:00",
       "2100-07-01T12:00:00+02:00"},
      {"Europe/Berlin", kWinter, "2100-12-01 12:00", "2100-12-01T12:00:00+01:00",
       "2100-12-01T12:00:00+01:00"},
  });
}

TEST_CASE("FindTimeZone: offsets, UTC and names of the tz database") {
  for (const char* name : {"UTC", "Z"}) {
    CHECK(Zone(name).is_utc());
    CHECK(Zone(name).name() == "UTC");
  }
  for (const char* text : {"+02:00", "+0200", "+02", " 02:00", " 02"}) {
    CHECK(Zone(text).name() == "+02:00");
    CHECK(Zone(text).EastNs(0) == 2 * 3600 * kSecondNs);
  }
  CHECK(Zone("-0330").name() == "-03:30");
  CHECK(Zone("-0330").EastNs(0) == -(3 * 60 + 30) * 60 * kSecondNs);
  CHECK(Zone("+14").EastNs(0) == 14 * 3600 * kSecondNs);
  CHECK(Zone("America/Argentina/Buenos_Aires").EastNs(kNow) == -3 * 3600 * kSecondNs);
  CHECK(Zone("Etc/GMT+5").EastNs(kNow) == -5 * 3600 * kSecondNs);
}

TEST_CASE("FindTimeZone: what is no zone is none, and no name leads out of the database") {
  const std::string longest(65, 'A');
  for (const std::string& text : {std::string(),
                                  longest,
                                  std::string("Europe/Berlin\0", 14),
                                  std::string("Europe"),
                                  std::string("Europe/"),
                                  std::string("Mars/Phobos"),
                                  std::string("utc2"),
                                  std::string("../../../etc/passwd"),
                                  std::string("/etc/passwd"),
                                  std::string("/usr/share/zoneinfo/Europe/Berlin"),
                                  std::string("file:/etc/passwd"),
                                  std::string("Europe/../../../../etc/passwd"),
                                  std::string("Europe/../Europe/Berlin"),
                                  std::string("localtime"),
                                  std::string("posixrules"),
                                  std::string("tzdata.zi"),
                                  std::string("+"),
                                  std::string("+1"),
                                  std::string("+15"),
                                  std::string("+0260"),
                                  std::string("+02:"),
                                  std::string("+02:0"),
                                  std::string("+2:000"),
                                  std::string("+02:00:00"),
                                  std::string("-ab"),
                                  std::string("+02x00"),
                                  std::string("\xff\xfe")}) {
    INFO(text);
    CHECK_FALSE(FindTimeZone(text));
  }
}

TEST_CASE("FormatTime: in a zone it stays a moment that can be read back") {
  const TimeZone berlin = Zone("Europe/Berlin");
  CHECK(FormatTime(kSecondNs / 4, berlin) == "1970-01-01T01:00:00.250+01:00");
  // Local mean time, 53 minutes and 28 seconds: the format knows whole minutes.
  CHECK(FormatTime(NsAt("1850-01-01T00:00:00Z"), berlin) == "1850-01-01T00:53:00+00:53");
  // 15:56 to the west: the format ends at 14 hours.
  CHECK(FormatTime(NsAt("1800-01-01T00:00:00Z"), Zone("Asia/Manila")) == "1800-01-01T00:00:00Z");
  // The last year that can be read ends in UTC.
  CHECK(FormatTime(NsAt("2261-12-31T23:30:00Z"), berlin) == "2261-12-31T23:30:00Z");
  CHECK(FormatTime(INT64_MAX, berlin) == FormatTime(INT64_MAX));
  CHECK(FormatTime(INT64_MIN, Zone("-02")) == FormatTime(INT64_MIN));
}

// A phrase of days, times and lengths, near changes of clocks as often as not.
std::string RandomPhrase(std::mt19937* random) {
  static const char* const kPieces[] = {
      "now",      "today",      "yesterday",  "tomorrow",   "monday", "last sunday", "2026-03-29",
      "-1d",      "2026-10-25", "2026-11-01", "2011-12-30", "02:30",  "01:59:59.5",  "00:00",
      "-1w",      "-1M",        "+1Q",        "-36h",       "/d",     "/h",          "/w",
      "1d",       "-1.5d",      "noon",       "T",          " ",      "12345678901", "Z",
      "-200y",    "+200y",      "Mar 29",     "1850-01-01", "\xff",   "-30min",      "/M",
      "1678-1-1", "2261-12-31", "23:59",      "-08:00",     "+14:00", "at",          "in"};
  std::string text;
  const size_t pieces = 1 + (*random)() % 4;
  for (size_t i = 0; i < pieces; ++i) text += kPieces[(*random)() % std::size(kPieces)];
  return text;
}

TEST_CASE("TimeZone: any phrase in any zone is a moment that reparses or an error in the text") {
  std::mt19937 random(20261125);
  const TimeZone zones[] = {Zone("Europe/Berlin"),  Zone("America/New_York"),
                            Zone("Pacific/Apia"),   Zone("Australia/Lord_Howe"),
                            Zone("Asia/Kathmandu"), Zone("Asia/Manila"),
                            Zone("-03:30"),         Zone("+14:00")};
  int moments = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = RandomPhrase(&random);
    const TimeZone& zone = zones[random() % std::size(zones)];
    const TimePhrase from = ParseTimePhrase(text, kNow, TimeEdge::kFrom, zone);
    const TimePhrase until = ParseTimePhrase(text, kNow, TimeEdge::kUntil, zone);
    for (const TimePhrase& phrase : {from, until}) {
      REQUIRE((phrase.ok || (phrase.error_position <= text.size() && !phrase.error.empty())));
      if (!phrase.ok) continue;
      ++moments;
      const std::string said = FormatTime(phrase.ns, zone);
      INFO(text << " in " << zone.name() << " is " << said);
      const TimePhrase again = ParseTimePhrase(said, kNow, TimeEdge::kFrom, zone);
      REQUIRE(again.ok);
      REQUIRE(again.ns == phrase.ns);
      REQUIRE(FormatTime(again.ns, zone) == said);
    }
  }
  CHECK(moments > 10'000);
}

}  // namespace
}  // namespace stacksampler
