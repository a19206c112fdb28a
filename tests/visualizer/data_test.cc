// SPDX-License-Identifier: MIT
#include "support/catch.h"
#include "visualizer/data_json.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Data: the original's nested tree, counted in samples, children by name") {
  Fixture fixture;
  fixture.AddExample();
  CHECK(fixture.Get("/data").body ==
        R"({"name":"root","value":10,"children":[)"
        R"({"name":"main","value":10,"children":[)"
        R"({"name":"idle","value":1},)"
        R"({"name":"serve","value":9,"children":[)"
        R"({"name":"parse","value":6},{"name":"send","value":1}]}]}]})");
}

TEST_CASE("Data: without bounds it holds everything stored, an hour ago or ahead of the clock") {
  Fixture fixture;
  fixture.store.Add({}, 1, ProfileOf({{{"old"}, 1, "t"}}));
  fixture.store.Add({}, kNowNs + kMinuteNs, ProfileOf({{{"ahead"}, 1, "t"}}));
  CHECK(fixture.GetJson("/data")["value"] == 2);
  CHECK(fixture.GetJson("/data", {{"until", "now"}})["value"] == 1);
  CHECK(fixture.GetJson("/data", {{"from", "-1h"}})["value"] == 1);
}

TEST_CASE("Data: bounds are inclusive, filters hold") {
  Fixture fixture;
  fixture.AddExample();
  const auto value = [&fixture](Fixture::Params params) {
    return fixture.GetJson("/data", std::move(params))["value"].get<int>();
  };
  CHECK(value({{"from", "-5minutes"}, {"until", "-1minute"}}) == 10);
  CHECK(value({{"from", "-299s"}}) == 3);
  CHECK(value({{"until", "-61s"}}) == 7);
  CHECK(value({{"thread", "main"}}) == 1);
}

TEST_CASE("Data: a node stays only when it is greater than the threshold's share of the root") {
  Fixture fixture;
  fixture.AddExample();
  const auto names = [&fixture](const std::string& threshold) {
    std::string kept;
    const std::string body = fixture.Get("/data", {{"threshold", threshold}}).body;
    for (const char* name : {"main", "serve", "parse", "send", "idle"}) {
      if (body.find('"' + std::string(name) + '"') != std::string::npos) kept += name[0];
    }
    return kept;
  };
  CHECK(names("0") == "mspsi");
  CHECK(names("0.0999") == "mspsi");
  CHECK(names("0.1") == "msp");  // idle and send are a tenth exactly
  CHECK(names("0.6") == "ms");
  CHECK(names("0.89") == "ms");
  CHECK(names("1") == "");
}

TEST_CASE("Data: a threshold that is no fraction is refused") {
  Fixture fixture;
  for (const char* text : {"", "-0.1", "1.01", "nan", "inf", "1e400", "ten", "0.1x", "0,1"}) {
    INFO(text);
    const http::Response response = fixture.Get("/data", {{"threshold", text}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == "threshold");
  }
}

TEST_CASE("Data: a tree that is too large for an answer says how to ask for less of it") {
  Fixture fixture;
  std::vector<std::string> names;
  for (char c = 'a'; c <= 'f'; ++c) names.emplace_back(size_t{13} << 20, c);
  fixture.store.Add({}, kNowNs, ProfileOf({{names, 9, "t"}, {{"small"}, 1, "t"}}));
  const http::Response response = fixture.Get("/data");
  CHECK(response.status == 400);
  CHECK(json::parse(response.body)["parameter"] == "threshold");
  CHECK(json::parse(response.body)["error"] ==
        "threshold: the tree's 8 calls do not fit into an answer of 64 MiB; ask for those above a "
        "share of the samples, or for a shorter range");
  CHECK(fixture.Get("/data", {{"threshold", "0.95"}}).status == 200);
}

TEST_CASE("Data: an empty store is a root of nothing") {
  CHECK(Fixture().Get("/data").body == R"({"name":"root","value":0})");
}

TEST_CASE("Data: warnings of the store stand in the root") {
  Fixture fixture;
  fixture.store.warnings = {"segment 7 is damaged"};
  CHECK(fixture.GetJson("/data")["warnings"] == json({"segment 7 is damaged"}));
}

TEST_CASE("Data: stacks of 20,000 frames need no recursion") {
  constexpr size_t kDepth = 20'000;
  Fixture fixture;
  fixture.store.Add({}, 1, ProfileOf({{std::vector<std::string>(kDepth, "f"), 1, "t"}}));
  const std::string body = fixture.Get("/data").body;
  CHECK(std::count(body.begin(), body.end(), '{') == kDepth + 1);
  CHECK(std::count(body.begin(), body.end(), '}') == kDepth + 1);
}

}  // namespace
}  // namespace stacksampler::visualizer
