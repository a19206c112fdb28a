// SPDX-License-Identifier: MIT
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

// kNowNs is 06:40 of 2026-11-22 in Berlin.
TEST_CASE("Zone: days are those of tz, and the range is repeated in it") {
  Fixture fixture;
  fixture.AddExample();
  const json range = fixture.GetJson(
      "/api/v1/flame",
      {{"from", "yesterday 14:00"}, {"until", "today"}, {"tz", "Europe/Berlin"}})["range"];
  CHECK(range["tz"] == "Europe/Berlin");
  CHECK(range["from"]["time"] == "2026-11-21T14:00:00+01:00");
  CHECK(range["until"]["time"] == "2026-11-22T23:59:59.999999999+01:00");
  CHECK(range["from"]["ns"] == "1795266000000000000");
  const json utc = fixture.GetJson("/api/v1/flame", {{"from", "today"}})["range"];
  CHECK(utc["tz"] == "UTC");
  CHECK(utc["from"]["time"] == "2026-11-22T00:00:00Z");
}

TEST_CASE("Zone: a clock's time finds what was recorded at that time of the zone") {
  Fixture fixture;
  fixture.AddExample();  // at 05:35 and 05:39 UTC
  const auto value = [&fixture](const char* path, const char* from, const char* zone) {
    return fixture.GetJson(path, {{"from", from}, {"tz", zone}})
        .value(std::string(path) == "/data" ? "value" : "total", 0);
  };
  CHECK(value("/data", "06:36", "+01:00") == 3);
  CHECK(value("/data", "05:36", "UTC") == 3);
  CHECK(value("/data", "05:36", "Europe/Berlin") == 10);
  CHECK(value("/api/v1/flame", "06:36", " 01:00") == value("/api/v1/flame", "05:36", ""));
}

TEST_CASE("Zone: both sides of a comparison are in it") {
  Fixture fixture;
  fixture.AddExample();
  const json answer = fixture.GetJson(
      "/api/v1/diff",
      {{"base_from", "yesterday"}, {"base_until", "yesterday 12:00"}, {"tz", "America/New_York"}});
  CHECK(answer["base_range"]["from"]["time"] == "2026-11-21T00:00:00-05:00");
  CHECK(answer["base_range"]["until"]["time"] == "2026-11-21T12:00:00-05:00");
  const json shifted = fixture.GetJson(
      "/api/v1/diff", {{"base_shift", "range"}, {"from", "05:00"}, {"tz", "Europe/Berlin"}});
  CHECK(shifted["base_range"]["tz"] == "Europe/Berlin");
  CHECK(shifted["base_range"]["until"]["time"] == "2026-11-22T04:59:59.999999999+01:00");
}

TEST_CASE("Zone: what names none is refused with examples, whatever it points to") {
  const Fixture fixture;
  for (const char* path : {"/api/v1/flame", "/api/v1/labels", "/data"}) {
    for (const char* zone :
         {"Mars/Phobos", "../../etc/passwd", "/etc/passwd", "localtime", "+25"}) {
      INFO(path << ' ' << zone);
      const http::Response response = fixture.Get(path, {{"tz", zone}});
      CHECK(response.status == 400);
      const json body = json::parse(response.body);
      CHECK(body["parameter"] == "tz");
      CHECK(body["value"] == zone);
      CHECK(body["examples"] == json({"UTC", "+02:00", "Europe/Berlin"}));
    }
  }
}

TEST_CASE("Zone: a range that ends before it begins is told in it") {
  const Fixture fixture;
  const http::Response response =
      fixture.Get("/api/v1/flame", {{"from", "now"}, {"until", "-1h"}, {"tz", "+01:00"}});
  CHECK(json::parse(response.body)["error"] ==
        "from: 2026-11-22T06:40:00+01:00 is later than until, 2026-11-22T05:40:00+01:00");
}

}  // namespace
}  // namespace stacksampler::visualizer
