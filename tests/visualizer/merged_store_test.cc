// SPDX-License-Identifier: MIT
#include "visualizer/merged_store.h"

#include <set>

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

TEST_CASE("Merged store: all panes of a page and every zoom cost one merge and one timeline") {
  Fixture fixture;
  fixture.AddExample();
  (void)fixture.Get("/api/v1/flame");
  (void)fixture.Get("/api/v1/flame", {{"root", "main;serve"}, {"width", "800"}});
  (void)fixture.Get("/api/v1/flame", {{"order", "name"}});
  (void)fixture.Get("/api/v1/top", {{"sort", "name"}});
  (void)fixture.Get("/api/v1/search", {{"q", "parse"}});
  (void)fixture.Get("/api/v1/sandwich", {{"fn", "serve"}});
  (void)fixture.Get("/api/v1/callgraph");
  CHECK(fixture.store.merges == 1);
  (void)fixture.Get("/api/v1/timeline");
  const int with_timeline = fixture.store.merges;
  (void)fixture.Get("/api/v1/timeline", {{"by", "host"}});
  CHECK(fixture.store.merges == with_timeline);
}

TEST_CASE("Merged store: what tells trees apart is merged apart") {
  Fixture fixture;
  fixture.AddExample();
  const std::vector<Fixture::Params> different = {{},
                                                  {{"host", "web-1"}},
                                                  {{"port", "web-1"}},
                                                  {{"host", "web-1"}, {"thread", "main"}},
                                                  {{"by", "host"}},
                                                  {{"by", "thread"}},
                                                  {{"where", "host=web-1;port=16384"}},
                                                  {{"where", "host!=web-1"}},
                                                  {{"edit", "drop:parse"}},
                                                  {{"edit", "hide:parse"}},
                                                  {{"until", "-2min"}}};
  std::vector<nlohmann::json> first;
  for (const auto& params : different) first.push_back(fixture.GetJson("/api/v1/flame", params));
  CHECK(fixture.store.merges == static_cast<int>(different.size()));
  for (size_t i = 0; i < different.size(); ++i) {
    CHECK(fixture.GetJson("/api/v1/flame", different[i]) == first[i]);
  }
  CHECK(fixture.store.merges == static_cast<int>(different.size()));
}

TEST_CASE("Merged store: questions that differ in edit or where alone get each its own answer") {
  Fixture fixture;
  fixture.AddExample();
  const std::vector<Fixture::Params> different = {
      {},
      {{"edit", "drop:parse"}},
      {{"where", "host=web-1"}},
      {{"where", "host!=web-1"}},
      {{"edit", "drop:parse"}, {"where", "host=web-1"}}};
  for (const char* path :
       {"flame", "top", "search", "sandwich", "callgraph", "share", "source", "diff", "export"}) {
    std::set<std::string> bodies;
    for (Fixture::Params params : different) {
      INFO(path << ' ' << nlohmann::json(params));
      params.insert({{"fn", "main"}, {"q", "main"}, {"base_shift", "range"}, {"format", "folded"}});
      const std::string body = fixture.Get(std::string("/api/v1/") + path, params).body;
      Fixture fresh;
      fresh.AddExample();
      CHECK(fresh.Get(std::string("/api/v1/") + path, params).body == body);
      CHECK(bodies.insert(body).second);
    }
  }
}

TEST_CASE("Merged store: an edit leaves alone what others share") {
  Fixture fixture;
  fixture.AddExample();
  for (const char* path : {"export", "source", "share", "diff"}) {
    const auto body = [&](const char* edit) {
      return fixture
          .Get(std::string("/api/v1/") + path,
               {{"fn", "main"}, {"base_shift", "range"}, {"format", "folded"}, {"edit", edit}})
          .body;
    };
    INFO(path);
    const std::string before = body("");
    const int merges = fixture.store.merges;
    CHECK(body("drop:parse") != before);
    CHECK(body("") == before);
    CHECK(fixture.store.merges == merges);
  }
}

TEST_CASE("Merged store: a function's share costs one pass over the store and one timeline") {
  Fixture fixture;
  fixture.AddExample();
  (void)fixture.Get("/api/v1/timeline", {{"intervals", "60"}});
  const int with_timeline = fixture.store.merges;
  (void)fixture.Get("/api/v1/share", {{"fn", "main"}});
  CHECK(fixture.store.merges == with_timeline + 1);
  (void)fixture.Get("/api/v1/share", {{"fn", "serve"}});
  CHECK(fixture.store.merges == with_timeline + 1);
}

TEST_CASE("Merged store: a moving range is merged again when a window enters or leaves it") {
  FakeStoreReader store;
  int64_t now = kNowNs;
  const http::Handler handler = MakeHandler(&store, [&now] { return now; });
  const auto total = [&] {
    const http::Request request = {"GET", "/api/v1/flame", {{"from", "-1min"}}, {}, ""};
    return nlohmann::json::parse(handler(request).body)["total"].get<int64_t>();
  };
  store.Add({}, kNowNs, ProfileOf({{{"main"}, 1, "t"}}));
  CHECK(total() == 5000);
  now += kSecondNs;
  CHECK(total() == 5000);
  CHECK(store.merges == 1);
  store.Add({}, now, ProfileOf({{{"main"}, 2, "t"}}));
  CHECK(total() == 15'000);
  CHECK(store.merges == 2);
  now = kNowNs + kMinuteNs;
  CHECK(total() == 15'000);
  CHECK(store.merges == 2);
  now += 1;
  CHECK(total() == 10'000);
  CHECK(store.merges == 3);
}

TEST_CASE("Merged store: a window that arrives while its range is merged is in the next answer") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.on_merge = [&fixture, first = true]() mutable {
    if (std::exchange(first, false)) {
      fixture.store.Add({}, kNowNs, ProfileOf({{{"late"}, 1, "t"}}));
    }
  };
  CHECK(fixture.GetJson("/api/v1/flame")["records"] == 3);
  CHECK(fixture.GetJson("/api/v1/flame")["records"] == 3);
  CHECK(fixture.store.merges == 1);
  CHECK(fixture.GetJson("/api/v1/flame", {{"until", "-1s"}})["records"] == 2);
}

TEST_CASE("Merged store: a comparison costs one pass over the store per side") {
  Fixture fixture;
  fixture.AddExample();
  (void)fixture.Get("/api/v1/diff", {{"base_shift", "range"}});
  CHECK(fixture.store.merges == 2);
  (void)fixture.Get("/api/v1/diff", {{"base_shift", "range"}, {"root", "main"}});
  CHECK(fixture.store.merges == 2);
}

TEST_CASE("Merged store: a comparison of a range of nanoseconds has one part") {
  Fixture fixture;
  fixture.AddExample();
  const auto answer = fixture.GetJson("/api/v1/diff", {{"from", "now"},
                                                       {"base_from", "2026-11-22T05:39:00Z"},
                                                       {"base_until", "2026-11-22T05:39:00Z"}});
  CHECK(answer["base"]["records"] == 1);
  CHECK(answer["current"]["records"] == 0);
}

TEST_CASE("Merged store: the volumes of other intervals are read anew") {
  Fixture fixture;
  fixture.AddExample();
  const auto at = [&](const char* from) {
    return fixture.GetJson("/api/v1/timeline", {{"from", from}, {"intervals", "10"}});
  };
  CHECK(at("-14min")["begin"] != at("-29min")["begin"]);
  CHECK(at("-14min")["begin"] == at("-14min")["begin"]);
}

}  // namespace
}  // namespace stacksampler::visualizer
