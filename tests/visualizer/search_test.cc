// SPDX-License-Identifier: MIT
#include "visualizer/search.h"

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Search: each stack counts once, however many of its frames match") {
  Fixture fixture;
  fixture.AddExample();
  CHECK(fixture.GetJson("/api/v1/search", {{"q", "s"}}) ==
        json::parse(R"({"total": 50000, "matched": 45000, "names": ["serve", "parse", "send"],
                        "names_truncated": false})"));
  CHECK(fixture.GetJson("/api/v1/search", {{"q", "nowhere"}})["matched"] == 0);
  CHECK(fixture.GetJson("/api/v1/search", {{"q", "all"}})["matched"] == 0);
}

TEST_CASE("Search: below a root, in a range, under filters and groups") {
  Fixture fixture;
  fixture.AddExample();
  const auto matched = [&fixture](Fixture::Params params) {
    const json answer = fixture.GetJson("/api/v1/search", std::move(params));
    return std::pair(answer["matched"].get<int>(), answer["total"].get<int>());
  };
  CHECK(matched({{"q", "parse"}, {"root", "main;serve"}}) == std::pair(30000, 45000));
  CHECK(matched({{"q", "serve"}, {"root", "main;serve"}}) == std::pair(45000, 45000));
  CHECK(matched({{"q", "main"}, {"root", "main;serve"}}) == std::pair(0, 45000));
  CHECK(matched({{"q", "main"}, {"host", "web-2"}}) == std::pair(15000, 15000));
  CHECK(matched({{"q", "serve"}, {"from", "-2min"}}) == std::pair(15000, 15000));
  CHECK(matched({{"q", "web-2"}, {"by", "host"}}) == std::pair(15000, 50000));
}

TEST_CASE("Search: ignores case until the pattern holds an upper-case letter") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"std::Parse(int)"}, 1, "t"}}));
  const auto found = [&fixture](const char* pattern) {
    return fixture.GetJson("/api/v1/search", {{"q", pattern}})["matched"] != 0;
  };
  CHECK(found("STD") == false);
  CHECK(found("parse"));
  CHECK(found("Parse"));
  CHECK_FALSE(found("PArse"));
  CHECK(found(R"(std::\SARSE)") == false);
  CHECK(found(R"(std::\Sarse)"));
  CHECK(found(R"(^std::.*\(int\)$)"));
}

TEST_CASE("Search: a pattern that is none is refused with its place") {
  Fixture fixture;
  const http::Response response = fixture.Get("/api/v1/search", {{"q", "operator+|f(int"}});
  CHECK(response.status == 400);
  const json bad = json::parse(response.body);
  CHECK(bad["parameter"] == "q");
  CHECK(bad["value"] == "operator+|f(int");
  CHECK(bad["error"].get<std::string>().find("q: ") == 0);
  CHECK(bad["examples"].size() == 3);
  for (const char* pattern : {"", "a**", "[z-a]", "\\", "(?=a)", "a{2000}", "\xff"}) {
    INFO(pattern);
    CHECK(fixture.Get("/api/v1/search", {{"q", pattern}}).status == 400);
  }
  CHECK(json::parse(fixture.Get("/api/v1/search", {{"q", "ok[z-a]"}}).body)["position"] == 3);
}

TEST_CASE("Search: lists at most 20,000 names and says so") {
  Fixture fixture;
  std::vector<StackOf> stacks;
  for (int i = 0; i < 20'001; ++i) stacks.push_back({{"f" + std::to_string(i)}, 1, "t"});
  fixture.store.Add({}, kNowNs, ProfileOf(stacks));
  const json all = fixture.GetJson("/api/v1/search", {{"q", "f"}});
  CHECK(all["names"].size() == kMostNames);
  CHECK(all["names_truncated"] == true);
  CHECK(all["matched"] == all["total"]);
}

}  // namespace
}  // namespace stacksampler::visualizer
