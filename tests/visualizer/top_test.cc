// SPDX-License-Identifier: MIT
#include "visualizer/top.h"

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Top: the whole answer, heaviest self first") {
  Fixture fixture;
  fixture.AddExample();
  json answer = fixture.GetJson("/api/v1/top");
  CHECK(answer["range"]["from"]["text"] == "-15minutes");
  answer.erase("range");
  CHECK(answer == json::parse(R"({
    "unit": "microseconds", "total": 50000, "root": [], "root_complete": true, "root_total": 50000,
    "groups": {"names": [], "total": []},
    "names": ["parse", "serve", "idle", "send", "main"], "modules": [""],
    "rows": {"name": [0, 1, 2, 3, 4], "module": [0, 0, 0, 0, 0],
             "self": [30000, 10000, 5000, 5000, 0],
             "total": [30000, 45000, 5000, 5000, 50000]},
    "rest": {"functions": 0, "self": 0}})"));
}

TEST_CASE("Top: a function that recurs counts each stack once in its total") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs,
                    ProfileOf({{{"f", "g", "f", "f"}, 3, "t"}, {{"f"}, 1, "t"}, {{"g"}, 2, "t"}}));
  const json answer = fixture.GetJson("/api/v1/top", {{"sort", "name"}});
  CHECK(answer["names"] == json({"f", "g"}));
  CHECK(answer["rows"]["self"] == json({20000, 10000}));
  CHECK(answer["rows"]["total"] == json({20000, 25000}));
}

TEST_CASE("Top: sorted by self, total or name, what is over the limit is summed, never dropped") {
  Fixture fixture;
  fixture.AddExample();
  const auto names = [&fixture](const char* sort) {
    const json answer = fixture.GetJson("/api/v1/top", {{"sort", sort}, {"limit", "2"}});
    CHECK(answer["rest"]["functions"] == 3);
    CHECK(Sum(answer["rows"]["self"]) + answer["rest"]["self"].get<int64_t>() == 50000);
    return answer["names"];
  };
  CHECK(names("self") == json({"parse", "serve"}));
  CHECK(names("total") == json({"main", "serve"}));
  CHECK(names("name") == json({"idle", "main"}));
}

TEST_CASE("Top: a match keeps some functions, and their sums are those of all stacks") {
  Fixture fixture;
  fixture.AddExample();
  const json answer = fixture.GetJson("/api/v1/top", {{"match", "^s"}});
  CHECK(answer["names"] == json({"serve", "send"}));
  CHECK(answer["rows"]["total"] == json({45000, 5000}));
  CHECK(answer["rest"] == json({{"functions", 3}, {"self", 35000}}));
}

TEST_CASE("Top: below a root only that part counts, a group is no function") {
  Fixture fixture;
  fixture.AddExample();
  const json part = fixture.GetJson("/api/v1/top", {{"root", "main;serve"}, {"sort", "total"}});
  CHECK(part["root_total"] == 45000);
  CHECK(part["names"] == json({"serve", "parse", "send"}));
  const json group =
      fixture.GetJson("/api/v1/top", {{"by", "host"}, {"root", "web-2"}, {"sort", "total"}});
  CHECK(group["names"] == json({"main", "serve", "send"}));
  CHECK(group["root_total"] == 15000);
  CHECK(Sum(group["rows"]["self"]) == 15000);
}

TEST_CASE("Top: the graph may be pruned, the table is not") {
  Fixture fixture;
  std::vector<StackOf> stacks = {{{"main"}, 4'000'000, "t"}};
  for (int i = 0; i < 3000; ++i) stacks.push_back({{"main", "f" + std::to_string(i)}, 1, "t"});
  fixture.store.Add({}, kNowNs, ProfileOf(stacks));
  const json graph = fixture.GetJson("/api/v1/flame", {{"width", "100"}});
  CHECK(graph["names"] == json({"all", "main"}));
  const json table = fixture.GetJson("/api/v1/top", {{"limit", "5000"}});
  CHECK(table["rows"]["name"].size() == 3001);
  CHECK(Sum(table["rows"]["self"]) == graph["total"].get<int64_t>());
}

TEST_CASE("Top: parameters out of bounds are refused by name, with an example") {
  const Fixture fixture;
  const std::pair<std::string, std::string> bad[] = {
      {"limit", "0"}, {"limit", "5001"}, {"limit", "-1"}, {"limit", "all"},
      {"sort", "x"},  {"sort", ""},      {"match", "("},  {"where", "a b"}};
  for (const auto& [name, value] : bad) {
    INFO(name + '=' + value);
    const http::Response response = fixture.Get("/api/v1/top", {{name, value}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == name);
    CHECK_FALSE(json::parse(response.body)["examples"].empty());
  }
}

TEST_CASE("Top: an empty store is no row") {
  const json answer = Fixture().GetJson("/api/v1/top");
  CHECK(answer["rows"]["name"].empty());
  CHECK(answer["root_total"] == 0);
}

}  // namespace
}  // namespace stacksampler::visualizer
