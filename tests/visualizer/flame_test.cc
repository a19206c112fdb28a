// SPDX-License-Identifier: MIT
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Flame: the whole answer, column by column") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.warnings = {"segment 7 is damaged"};
  CHECK(fixture.GetJson("/api/v1/flame", {{"from", "-10min"}}) == json::parse(R"({
    "range": {"tz": "UTC",
      "from": {"text": "-10min", "time": "2026-11-22T05:30:00Z", "ns": "1795325400000000000",
               "relative": true},
      "until": {"text": "now", "time": "2026-11-22T05:40:00Z", "ns": "1795326000000000000",
                "relative": true}},
    "stored": {"empty": false, "first": "2026-11-22T05:35:00Z", "last": "2026-11-22T05:39:00Z",
               "warnings": ["segment 7 is damaged"]},
    "records": 2, "warnings": ["segment 7 is damaged"],
    "unit": "microseconds", "total": 50000, "left_out": 0, "root": [], "root_complete": true,
    "names": ["all", "main", "serve", "parse", "send", "idle"], "modules": [""],
    "nodes": {
      "depth":  [0, 1, 2, 3, 3, 2],
      "name":   [0, 1, 2, 3, 4, 5],
      "module": [0, 0, 0, 0, 0, 0],
      "total":  [50000, 50000, 45000, 30000, 5000, 5000],
      "self":   [0, 0, 10000, 30000, 5000, 5000],
      "hidden": [0, 0, 0, 0, 0, 0],
      "inlined": [0, 0, 0, 0, 0, 0]}})"));
}

TEST_CASE("Flame: the last 15 minutes unless asked otherwise") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs - 15 * kMinuteNs, ProfileOf({{{"in"}, 1, "t"}}));
  fixture.store.Add({}, kNowNs - 15 * kMinuteNs - 1, ProfileOf({{{"out"}, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/flame");
  CHECK(answer["names"] == json({"all", "in"}));
  CHECK(answer["range"]["from"]["text"] == "-15minutes");
  CHECK(answer["range"]["until"]["text"] == "now");
}

TEST_CASE("Flame: both ends of the range are part of it") {
  Fixture fixture;
  fixture.AddExample();
  const json exact = fixture.GetJson(
      "/api/v1/flame", {{"from", "2026-11-22T05:35:00Z"}, {"until", "2026-11-22T05:39:00Z"}});
  CHECK(exact["records"] == 2);
  CHECK(exact["range"]["from"]["relative"] == false);
  const json later = fixture.GetJson("/api/v1/flame", {{"from", "2026-11-22T05:35:00.000000001Z"}});
  CHECK(later["records"] == 1);
}

TEST_CASE("Flame: an empty store and an empty range are told apart") {
  Fixture fixture;
  const json nothing = fixture.GetJson("/api/v1/flame");
  CHECK(nothing["stored"] == json({{"empty", true}}));
  CHECK(nothing["total"] == 0);
  CHECK(nothing["nodes"]["total"] == json({0}));
  fixture.AddExample();
  const json elsewhere = fixture.GetJson("/api/v1/flame", {{"until", "-10min"}});
  CHECK(elsewhere["stored"]["empty"] == false);
  CHECK(elsewhere["records"] == 0);
  CHECK(elsewhere["total"] == 0);
}

TEST_CASE("Flame: filters are exact, an empty one is none") {
  Fixture fixture;
  fixture.AddExample();
  const auto total = [&fixture](Fixture::Params params) {
    return fixture.GetJson("/api/v1/flame", std::move(params))["total"].get<int>();
  };
  CHECK(total({{"host", "web-1"}}) == 35000);
  CHECK(total({{"host", "web-1"}, {"thread", "main"}}) == 5000);
  CHECK(total({{"port", "16385"}}) == 15000);
  CHECK(total({{"host", "web"}}) == 0);
  CHECK(total({{"host", ""}}) == 50000);
}

TEST_CASE("Flame: a label can be the first level") {
  Fixture fixture;
  fixture.AddExample();
  const json answer = fixture.GetJson("/api/v1/flame", {{"by", "host"}, {"order", "name"}});
  CHECK(answer["names"] ==
        json({"all", "web-1", "main", "idle", "serve", "parse", "web-2", "send"}));
  CHECK(answer["nodes"]["depth"] == json({0, 1, 2, 3, 3, 4, 1, 2, 3, 4}));
  CHECK(fixture.store.last_query.keep_labels);
  const json zoomed = fixture.GetJson("/api/v1/flame", {{"by", "host"}, {"root", "web-2;main"}});
  CHECK(zoomed["names"] == json({"main", "serve", "send"}));
}

TEST_CASE("Flame: zoomed to a path, or to as much of it as is left") {
  Fixture fixture;
  fixture.AddExample();
  const json whole = fixture.GetJson("/api/v1/flame", {{"root", "main;serve"}});
  CHECK(whole["root"] == json({"main", "serve"}));
  CHECK(whole["root_complete"] == true);
  CHECK(whole["names"] == json({"serve", "parse", "send"}));
  CHECK(whole["nodes"]["depth"] == json({0, 1, 1}));
  CHECK(whole["total"] == 50000);
  const json part = fixture.GetJson("/api/v1/flame", {{"root", "main;idle;gone"}});
  CHECK(part["root"] == json({"main", "idle"}));
  CHECK(part["root_complete"] == false);
  CHECK(part["names"] == json({"idle"}));
}

TEST_CASE("Flame: zoomed into a recursion a name stands once in the list") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"f", "f", "f"}, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/flame", {{"root", "f"}});
  CHECK(answer["names"] == json({"f"}));
  CHECK(answer["nodes"]["name"] == json({0, 0, 0}));
}

TEST_CASE("Flame: names with the path's own signs are found by their escapes") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"a;b%", "c%3B"}, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/flame", {{"root", "a%3Bb%25;c%253B"}});
  CHECK(answer["root"] == json({"a;b%", "c%3B"}));
  CHECK(answer["root_complete"] == true);
}

TEST_CASE("Flame: what is narrower than a quarter of a pixel is hidden, and says so") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"wide"}, 399, "t"}, {{"edge", "deep"}, 1, "t"}}));
  const json edge = fixture.GetJson("/api/v1/flame", {{"width", "100"}});  // 1 of 400 places
  CHECK(edge["names"] == json({"all", "wide", "edge", "deep"}));
  fixture.store.Add({}, kNowNs, ProfileOf({{{"wide"}, 1, "t"}}));  // 1 of 401: too narrow
  const json narrow = fixture.GetJson("/api/v1/flame", {{"width", "100"}});
  CHECK(narrow["names"] == json({"all", "wide"}));
  CHECK(narrow["nodes"]["hidden"] == json({5000, 0}));
  const json zoomed = fixture.GetJson("/api/v1/flame", {{"width", "100"}, {"root", "edge"}});
  CHECK(zoomed["names"] == json({"edge", "deep"}));
}

TEST_CASE("Flame: samples are the unit where a period is unknown") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.Add({}, kNowNs, ProfileOf({{{"imported"}, 3, "t"}}, 0));
  const json answer = fixture.GetJson("/api/v1/flame");
  CHECK(answer["unit"] == "samples");
  CHECK(answer["total"] == 13);
}

TEST_CASE("Flame: a hostile name stays text") {
  Fixture fixture;
  const std::string hostile = "</script><script>alert(1)</script>\"\\\n\x01\xff";
  fixture.store.Add({}, kNowNs, ProfileOf({{{hostile}, 1, "t"}}));
  const std::string body = fixture.Get("/api/v1/flame").body;
  CHECK(body.find('<') == std::string::npos);
  CHECK(json::parse(body)["names"][1] ==
        "</script><script>alert(1)</script>\"\\\n\x01\xef\xbf\xbd");
}

TEST_CASE("Flame: a node knows its module and whether it was inlined") {
  Fixture fixture;
  Profile profile;
  Frame frame;
  frame.name = profile.InternString("memcpy");
  frame.mapping = profile.InternMapping("/lib/libc.so.6", "ab");
  frame.inlined = true;
  const StackId stack = profile.InternStack(0, profile.InternFrame(frame));
  profile.AddSample(profile.InternStack(stack, profile.InternFrame("unknown")), 0, 1, kPeriodNs);
  fixture.store.Add({}, kNowNs, profile);
  const json answer = fixture.GetJson("/api/v1/flame");
  CHECK(answer["modules"] == json({"", "/lib/libc.so.6"}));
  CHECK(answer["nodes"]["module"] == json({0, 1, 0}));
  CHECK(answer["nodes"]["inlined"] == json({0, 1, 0}));
}

}  // namespace
}  // namespace stacksampler::visualizer
