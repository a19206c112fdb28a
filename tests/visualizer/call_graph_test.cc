// SPDX-License-Identifier: MIT
#include "visualizer/call_graph.h"

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

Fixture Service() {
  Fixture fixture;
  fixture.store.Add({}, kNowNs,
                    ProfileOf({{{"main", "serve", "parse", "alloc"}, 4, "a"},
                               {{"main", "serve", "alloc"}, 2, "a"},
                               {{"main", "walk", "walk", "serve", "walk", "alloc"}, 3, "b"},
                               {{"main"}, 1, "b"}}));
  return fixture;
}

/// "main>serve 30" for each edge, '~' where it leads past others; heaviest first.
std::vector<std::string> Edges(const json& answer) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < answer["edges"]["from"].size(); ++i) {
    const auto name = [&](const char* end) {
      return answer["names"][answer["edges"][end][i].get<size_t>()].get<std::string>();
    };
    const bool direct = answer["edges"]["direct"][i] == 1;
    texts.push_back(name("from") + (direct ? ">" : "~") + name("to") + ' ' +
                    std::to_string(answer["edges"]["weight"][i].get<int64_t>() / 5000));
  }
  return texts;
}

TEST_CASE("CallGraph: functions with self and total, calls with what goes through them") {
  const json answer = Service().GetJson("/api/v1/callgraph");
  CHECK(answer["total"] == 50000);
  CHECK(answer["names"] == json({"main", "alloc", "serve", "parse", "walk"}));
  CHECK(answer["nodes"]["self"] == json({5000, 45000, 0, 0, 0}));
  CHECK(answer["nodes"]["total"] == json({50000, 45000, 45000, 20000, 15000}));
  CHECK(answer["rest"] == 0);
  CHECK(Edges(answer) == std::vector<std::string>{"main>serve 6", "serve>parse 4", "parse>alloc 4",
                                                  "main>walk 3", "serve>walk 3", "walk>alloc 3",
                                                  "walk>serve 3", "serve>alloc 2"});
}

TEST_CASE("CallGraph: what is left out is counted, and edges lead past it") {
  const json answer = Service().GetJson("/api/v1/callgraph", {{"nodes", "3"}});
  CHECK(answer["names"] == json({"main", "alloc", "serve"}));
  CHECK(answer["rest"] == 2);
  CHECK(Edges(answer) == std::vector<std::string>{"main>serve 9", "serve>alloc 9"});
}

TEST_CASE("CallGraph: a grouping's values are no functions, a root is all there is") {
  const Fixture fixture = Service();
  CHECK(fixture.GetJson("/api/v1/callgraph", {{"by", "thread"}})["names"] ==
        fixture.GetJson("/api/v1/callgraph")["names"]);
  const json part = fixture.GetJson("/api/v1/callgraph", {{"root", "main;walk"}});
  CHECK(part["names"] == json({"alloc", "serve", "walk"}));
  CHECK(part["total"] == 50000);
}

TEST_CASE("CallGraph: specks and hairs are left out, an empty range has no picture") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs,
                    ProfileOf({{{"main", "big"}, 9999, "t"}, {{"main", "hair"}, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/callgraph");
  CHECK(answer["names"] == json({"main", "big"}));
  CHECK(answer["rest"] == 1);
  CHECK(Edges(answer) == std::vector<std::string>{"main>big 9999"});
  CHECK(Fixture().GetJson("/api/v1/callgraph")["names"] == json::array());
  for (const char* nodes : {"0", "201", "many", ""}) {
    CHECK(Fixture().Get("/api/v1/callgraph", {{"nodes", nodes}}).status == 400);
  }
}

TEST_CASE("CallGraph: stacks of many thousand frames need no recursion") {
  Fixture fixture;
  std::vector<std::string> frames;
  for (int i = 0; i < 20000; ++i) frames.push_back("f" + std::to_string(i % 300));
  fixture.store.Add({}, kNowNs, ProfileOf({{frames, 1, "t"}}));
  const json answer = fixture.GetJson("/api/v1/callgraph", {{"nodes", "200"}});
  CHECK(answer["names"].size() == 200);
  CHECK(answer["rest"] == 100);
}

}  // namespace
}  // namespace stacksampler::visualizer
