// SPDX-License-Identifier: MIT
#include "visualizer/diff.h"

#include <random>

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

// The fifteen minutes before the default range.
const Fixture::Params kBefore = {{"base_shift", "range"}};

Fixture::Params With(Fixture::Params params, const Fixture::Params& more) {
  params.insert(more.begin(), more.end());
  return params;
}

/// A window a minute over half an hour, 15 before the default range and 16 in it, for its ends are
/// inclusive; `stacks(current, random)` says what each holds.
template <typename Stacks>
void AddHalfHour(Fixture* fixture, uint64_t seed, Stacks stacks) {
  std::mt19937_64 random(seed);
  for (int64_t minute = 30; minute >= 0; --minute) {
    const int64_t end_ns = kNowNs - minute * kMinuteNs;
    fixture->store.Add({{"host", minute % 2 == 0 ? "web-1" : "web-2"}}, end_ns,
                       ProfileOf(stacks(minute <= 15, &random)));
  }
}

/// So many samples of 60 functions, `extra` of a hundred of them of "planted".
std::vector<StackOf> Random(int samples, int extra, std::mt19937_64* random) {
  std::vector<int64_t> counts(61);
  for (int i = 0; i < samples; ++i) {
    const bool planted = static_cast<int>((*random)() % 100) < extra;
    const auto spread = static_cast<size_t>((*random)() % 60);
    ++counts[planted ? 60 : spread * ((*random)() % 4) / 3];
  }
  std::vector<StackOf> stacks;
  for (size_t i = 0; i < counts.size(); ++i) {
    const std::string name = i == 60 ? "planted" : "f" + std::to_string(i);
    if (counts[i] > 0) stacks.push_back({{"main", name}, counts[i], "t"});
  }
  return stacks;
}

json RowOf(const json& functions, const std::string& name) {
  for (size_t i = 0; i < functions["names"].size(); ++i) {
    if (functions["names"][i] != name) continue;
    json row;
    for (const auto& [key, column] : functions["rows"].items()) row[key] = column[i];
    return row;
  }
  return {};
}

TEST_CASE("Diff: a frame is as wide as the larger of its shares, new and vanished ones are there") {
  Fixture fixture;
  AddHalfHour(&fixture, 1, [](bool current, std::mt19937_64*) -> std::vector<StackOf> {
    if (current) return {{{"main", "same"}, 20, "t"}, {{"main", "new"}, 20, "t"}};
    return {{{"main", "same"}, 60, "t"}, {{"main", "old"}, 40, "t"}};
  });
  const json answer = fixture.GetJson("/api/v1/diff", kBefore);
  CHECK(answer["base"] ==
        json({{"total", 7'500'000}, {"left_out", 0}, {"records", 15}, {"intervals", 12}}));
  CHECK(answer["current"] ==
        json({{"total", 3'200'000}, {"left_out", 0}, {"records", 16}, {"intervals", 12}}));
  CHECK(answer["names"] == json({"all", "main", "same", "new", "old"}));
  const json& nodes = answer["nodes"];
  CHECK(nodes["total"] ==
        json({1'500'000'000, 1'500'000'000, 600'000'000, 500'000'000, 400'000'000}));
  CHECK(nodes["base"] == json({7'500'000, 7'500'000, 4'500'000, 0, 3'000'000}));
  CHECK(nodes["current"] == json({3'200'000, 3'200'000, 1'600'000, 1'600'000, 0}));
  CHECK(nodes["significant"] == json({0, 0, 1, 1, 1}));
  CHECK(answer["functions"]["names"] == json({"new", "old", "same", "main"}));
  CHECK(answer["functions"]["changed"] == 3);
}

TEST_CASE("Diff: half an hour of one distribution shows next to nothing significant") {
  int found = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Fixture fixture;
    AddHalfHour(&fixture, seed,
                [](bool, std::mt19937_64* random) { return Random(1500, 5, random); });
    const json functions = fixture.GetJson("/api/v1/diff", kBefore)["functions"];
    CHECK(functions["changed"].get<int>() <= 61 / 20);
    found += functions["changed"].get<int>();
  }
  CHECK(found <= 610 / 100);
}

TEST_CASE("Diff: a shift of two points is found, with an interval that does not hold 0") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Fixture fixture;
    AddHalfHour(&fixture, seed, [](bool current, std::mt19937_64* random) {
      return Random(1500, current ? 7 : 5, random);
    });
    const json answer = fixture.GetJson("/api/v1/diff", kBefore);
    const json row = RowOf(answer["functions"], "planted");
    CHECK(row["significant"] == 1);
    CHECK(row["low"] > 0);
    CHECK(row["high"] > 20'000'000);
    CHECK(answer["functions"]["names"][0] == "planted");
  }
}

TEST_CASE("Diff: label sets of one range compare as ranges do") {
  Fixture fixture;
  AddHalfHour(&fixture, 1, [](bool, std::mt19937_64* random) { return Random(500, 5, random); });
  const json answer =
      fixture.GetJson("/api/v1/diff", {{"from", "-1h"}, {"host", "web-1"}, {"base_host", "web-2"}});
  CHECK(answer["base"]["records"] == 15);
  CHECK(answer["current"]["records"] == 16);
  const json all =
      fixture.GetJson("/api/v1/diff", {{"from", "-1h"}, {"host", "web-1"}, {"base_host", ""}});
  CHECK(all["base"]["records"] == 31);
}

TEST_CASE("Diff: a base so long ago, or the range before, moves with the range") {
  const Fixture fixture;
  const auto base = [&fixture](const std::string& shift) {
    const json answer =
        fixture.GetJson("/api/v1/diff", {{"from", "-10min"}, {"base_shift", shift}});
    return std::pair(answer["base_range"]["from"]["time"].get<std::string>(),
                     answer["base_range"]["until"]["time"].get<std::string>());
  };
  CHECK(base("range") == std::pair<std::string, std::string>("2026-11-22T05:20:00Z",
                                                             "2026-11-22T05:29:59.999999999Z"));
  CHECK(base("86400") ==
        std::pair<std::string, std::string>("2026-11-21T05:30:00Z", "2026-11-21T05:40:00Z"));
}

TEST_CASE("Diff: no moment counts twice and none is lost between the intervals") {
  Fixture fixture;
  for (int64_t second = 0; second <= 900; ++second) {
    fixture.store.Add({}, kNowNs - second * kSecondNs, ProfileOf({{{"f"}, 1, "t"}}));
  }
  const json answer = fixture.GetJson("/api/v1/diff", {{"base_until", "now"}});
  CHECK(answer["base"]["records"] == 901);
  CHECK(answer["current"]["total"] == fixture.GetJson("/api/v1/flame")["total"]);
}

TEST_CASE("Diff: too few intervals show shares and no verdict") {
  Fixture fixture;
  fixture.store.Add({}, kNowNs, ProfileOf({{{"f"}, 1000, "t"}}));
  fixture.store.Add({}, kNowNs - 20 * kMinuteNs, ProfileOf({{{"g"}, 1000, "t"}}));
  const json answer = fixture.GetJson("/api/v1/diff", kBefore);
  CHECK(answer["functions"]["rows"]["tested"] == json({0, 0}));
  CHECK(answer["functions"]["changed"] == 0);
}

TEST_CASE("Diff: pruned and zoomed as the graph is, with the verdicts beside the right frames") {
  Fixture fixture;
  AddHalfHour(&fixture, 1, [](bool current, std::mt19937_64*) -> std::vector<StackOf> {
    return {{{"main", "a"}, 50'000, "t"},
            {{"main", "tiny"}, 1, "t"},
            {{"main", "z", current ? "new" : "old"}, 30'000, "t"}};
  });
  const json answer =
      fixture.GetJson("/api/v1/diff", With(kBefore, {{"width", "100"}, {"order", "name"}}));
  CHECK(answer["names"] == json({"all", "main", "a", "z", "new", "old"}));
  CHECK(answer["nodes"]["hidden"][1].get<int>() > 0);
  CHECK(answer["nodes"]["significant"] == json({0, 0, 0, 0, 1, 1}));
  const json zoomed = fixture.GetJson("/api/v1/diff", With(kBefore, {{"root", "main;z"}}));
  CHECK(zoomed["names"] == json({"z", "new", "old"}));
}

TEST_CASE("Diff: nothing to compare with, and times that are none, are refused by name") {
  const Fixture fixture;
  const std::pair<const char*, Fixture::Params> bad[] = {
      {"base_from", {}},
      {"base_from", {{"base_from", "x"}}},
      {"base_shift", {{"base_shift", "0"}}},
      {"base_shift", {{"base_shift", "yesterday"}}},
      {"base_until", {{"base_until", ""}}},
      {"base_from", {{"base_from", "now"}, {"base_until", "-1h"}}},
      {"limit", With(kBefore, {{"limit", "0"}})},
      {"order", With(kBefore, {{"order", "x"}})},
      {"width", With(kBefore, {{"width", "1"}})}};
  for (const auto& [name, params] : bad) {
    INFO(name);
    const http::Response response = fixture.Get("/api/v1/diff", params);
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == name);
    CHECK_FALSE(json::parse(response.body)["examples"].empty());
  }
}

TEST_CASE("Diff: an empty store is a tree of nothing, a failing one is named") {
  Fixture fixture;
  const json answer = fixture.GetJson("/api/v1/diff", kBefore);
  CHECK(answer["total"] == 0);
  CHECK(answer["functions"]["names"].empty());
  fixture.store.failure = Status(StatusCode::kDataLoss, "open /db: no");
  CHECK(fixture.Get("/api/v1/diff", kBefore).status == 500);
}

}  // namespace
}  // namespace stacksampler::visualizer
