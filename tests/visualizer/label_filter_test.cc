// SPDX-License-Identifier: MIT
#include "visualizer/label_filter.h"

#include <tuple>

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

Fixture WithVersions() {
  Fixture fixture;
  const std::tuple<const char*, const char*, int64_t> targets[] = {
      {"1", "web-1", 1}, {"1", "web-2", 2}, {"2", "web-1", 4}, {"a;b=c%", "web-3", 8}};
  for (const auto& [version, host, weight] : targets) {
    fixture.store.Add({{"host", host}, {"version", version}}, kNowNs - kMinuteNs,
                      ProfileOf({{{"main", version}, weight, "t"}}));
  }
  fixture.store.Add({{"host", "web-4"}}, kNowNs, ProfileOf({{{"main"}, 16, "t"}}));
  return fixture;
}

int64_t SamplesOf(const Fixture& fixture, const std::string& where) {
  const auto total = fixture.GetJson("/api/v1/flame", {{"where", where}})["total"].get<int64_t>();
  return total * 1000 / kPeriodNs;
}

TEST_CASE("LabelFilter: any label, with and without negation, all terms hold together") {
  const Fixture fixture = WithVersions();
  CHECK(SamplesOf(fixture, "") == 31);
  CHECK(SamplesOf(fixture, "version=1") == 3);
  CHECK(SamplesOf(fixture, "version!=1") == 28);
  CHECK(SamplesOf(fixture, "version=1;host!=web-1") == 2);
  CHECK(SamplesOf(fixture, "version!=1;version!=2") == 24);
}

TEST_CASE("LabelFilter: a key that is named twice may have either value") {
  const Fixture fixture = WithVersions();
  CHECK(SamplesOf(fixture, "version=1;version=2") == 7);
  CHECK(SamplesOf(fixture, "version=1;version=2;host=web-1") == 5);
}

TEST_CASE("LabelFilter: an empty value asks for what lacks the label") {
  const Fixture fixture = WithVersions();
  CHECK(SamplesOf(fixture, "version=") == 16);
  CHECK(SamplesOf(fixture, "version!=") == 15);
}

TEST_CASE("LabelFilter: separators in values are escaped, '=' needs none") {
  CHECK(SamplesOf(WithVersions(), "version=a%3Bb=c%25") == 8);
}

TEST_CASE("LabelFilter: holds for every answer, the original's too") {
  const Fixture fixture = WithVersions();
  const Fixture::Params params = {{"where", "version=2"}, {"q", "main"}, {"fn", "main"}};
  CHECK(fixture.GetJson("/api/v1/search", params)["total"] == 20000);
  CHECK(fixture.GetJson("/api/v1/top", params)["total"] == 20000);
  CHECK(fixture.GetJson("/api/v1/sandwich", params)["total"] == 20000);
  CHECK(fixture.GetJson("/data", params)["value"] == 4);
  const json timeline = fixture.GetJson("/api/v1/timeline", params);
  CHECK(timeline["values"][0].get<std::vector<int64_t>>().size() == timeline["intervals"]);
  CHECK(fixture.Get("/api/v1/export", {{"where", "version=2"}, {"format", "folded"}}).body ==
        "main;2 4\n");
}

TEST_CASE("LabelFilter: two label sets compare, the base keeps what it is not told") {
  const Fixture fixture = WithVersions();
  json answer = fixture.GetJson("/api/v1/diff",
                                {{"where", "version=1;host=web-1"}, {"base_where", "version=2"}});
  CHECK(answer["current"]["total"] == 5000);
  CHECK(answer["base"]["total"] == 20000);
  answer = fixture.GetJson("/api/v1/diff", {{"where", "version=2"}, {"base_where", ""}});
  CHECK(answer["base"]["total"] == 31 * 5000);
}

TEST_CASE("LabelFilter: any label groups graph, timeline and table") {
  const Fixture fixture = WithVersions();
  CHECK(fixture.GetJson("/api/v1/flame", {{"by", "version"}, {"order", "name"}})["names"] ==
        json({"all", "1", "main", "2", "[no version]", "a;b=c%"}));
  CHECK(fixture.GetJson("/api/v1/timeline", {{"by", "version"}})["groups"] ==
        json({"1", "2", "[no version]", "a;b=c%"}));
  CHECK(fixture.GetJson("/api/v1/top", {{"by", "version"}})["groups"] ==
        json::parse(R"({"names": ["[no version]", "a;b=c%", "2", "1"],
                        "total": [80000, 40000, 20000, 15000]})"));
  CHECK(fixture.GetJson("/api/v1/top", {{"by", "version"}, {"root", "2"}})["groups"]["names"] ==
        json::array());
}

TEST_CASE("LabelFilter: a term that is none is refused with its place") {
  const Fixture fixture;
  const std::pair<const char*, size_t> bad[] = {
      {"host", 0}, {"=x", 0}, {"!=x", 0}, {"host=a;;b=c", 7}, {"host=a;b", 7}};
  for (const auto& [where, position] : bad) {
    INFO(where);
    const http::Response response = fixture.Get("/api/v1/flame", {{"where", where}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == "where");
    CHECK(json::parse(response.body)["position"] == position);
  }
  CHECK(fixture.Get("/api/v1/diff", {{"base_where", "x"}}).status == 400);
  CHECK(fixture.Get("/data", {{"where", "x"}}).status == 400);
}

}  // namespace
}  // namespace stacksampler::visualizer
