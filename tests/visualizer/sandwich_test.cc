// SPDX-License-Identifier: MIT
#include "visualizer/sandwich.h"

#include "support/catch.h"
#include "visualizer/fixture.h"
#include "visualizer/top.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

TEST_CASE("Sandwich: all callers over, all callees under a function, wherever it is called") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs,
                    ProfileOf({{{"main", "read", "copy", "move"}, 4, "t"},
                               {{"main", "write", "copy"}, 2, "t"},
                               {{"idle", "copy", "fill"}, 1, "t"},
                               {{"idle", "other"}, 9, "t"}}));
  json answer = fixture.GetJson("/api/v1/sandwich", {{"fn", "copy"}});
  answer.erase("range");
  CHECK(answer == json::parse(R"({
    "unit": "microseconds", "total": 80000, "fn": "copy", "found": true,
    "callers": {"names": ["copy", "read", "main", "write", "idle"], "modules": [""], "nodes": {
      "name": [0, 1, 2, 3, 2, 4], "module": [0, 0, 0, 0, 0, 0], "depth": [0, 1, 2, 1, 2, 1],
      "total": [35000, 20000, 20000, 10000, 10000, 5000],
      "self": [0, 0, 20000, 0, 10000, 5000],
      "hidden": [0, 0, 0, 0, 0, 0], "inlined": [0, 0, 0, 0, 0, 0]}},
    "callees": {"names": ["copy", "move", "fill"], "modules": [""], "nodes": {
      "name": [0, 1, 2], "module": [0, 0, 0], "depth": [0, 1, 1],
      "total": [35000, 20000, 5000], "self": [10000, 20000, 5000],
      "hidden": [0, 0, 0], "inlined": [0, 0, 0]}}})"));
}

TEST_CASE("Sandwich: where a function recurs its outermost call counts, once") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"a", "f", "g", "f", "h"}, 3, "t"}, {{"f"}, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/sandwich", {{"fn", "f"}});
  CHECK(answer["callers"]["names"] == json({"f", "a"}));
  CHECK(answer["callers"]["nodes"]["total"] == json({20000, 15000}));
  CHECK(answer["callees"]["names"] == json({"f", "g", "h"}));
  CHECK(answer["callees"]["nodes"]["depth"] == json({0, 1, 2, 3}));
}

TEST_CASE("Sandwich: both halves weigh what the table says, for every function") {
  Fixture fixture;
  std::vector<StackOf> stacks;
  for (int i = 0; i < 400; ++i) {
    const auto name = [&](int k) { return "f" + std::to_string(i * k % 11); };
    stacks.push_back({{name(1), name(3), name(7), name(5), name(2)}, 1 + i % 17, "t"});
  }
  // A period that is no whole number of microseconds.
  const CallTree tree = BuildCallTree(ProfileOf(stacks, 10'101'010), {});
  for (const FunctionCost& cost : CostByFunction(tree, 0, 0)) {
    if (cost.name == 0) continue;
    INFO(tree.names[cost.name]);
    const auto sandwich = BuildSandwich(tree, tree.names[cost.name], SiblingOrder::kHeavyFirst);
    REQUIRE(sandwich.has_value());
    CHECK(sandwich->callers.front().total == cost.total);
    CHECK(sandwich->callees.front().total == cost.total);
  }
}

TEST_CASE("Sandwich: a function that is not in the range is said so, no function is refused") {
  Fixture fixture;
  fixture.AddExample();
  const json gone = fixture.GetJson("/api/v1/sandwich", {{"fn", "gone"}});
  CHECK(gone["found"] == false);
  CHECK_FALSE(gone.contains("callers"));
  CHECK(fixture.GetJson("/api/v1/sandwich", {{"fn", "send"}, {"host", "web-1"}})["found"] == false);
  for (const char* name : {"fn", "order", "width", "from"}) {
    Fixture::Params params = {{"fn", "send"}};
    params.erase(name);
    params.emplace(name, "");
    const http::Response response = fixture.Get("/api/v1/sandwich", params);
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == name);
    CHECK_FALSE(json::parse(response.body)["examples"].empty());
  }
}

TEST_CASE("Sandwich: what is too narrow is hidden, and says so") {
  Fixture fixture;
  std::vector<StackOf> stacks = {{{"f"}, 100'000, "t"}};
  for (int i = 0; i < 30; ++i) stacks.push_back({{"f", "g" + std::to_string(i)}, 1, "t"});
  fixture.store.Add({}, kNowNs, ProfileOf(stacks));
  const json answer = fixture.GetJson("/api/v1/sandwich", {{"fn", "f"}, {"width", "100"}});
  CHECK(answer["callees"]["names"] == json({"f"}));
  CHECK(answer["callees"]["nodes"]["hidden"] == json({30 * 5000}));
}

}  // namespace
}  // namespace stacksampler::visualizer
