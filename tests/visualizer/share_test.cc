// SPDX-License-Identifier: MIT
#include "visualizer/share.h"

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

/// A window a minute, the n-th with n samples of "f" (recursing) of n + 5.
Fixture TenMinutes() {
  Fixture fixture;
  for (int64_t n = 1; n <= 10; ++n) {
    fixture.store.Add({{"host", n % 2 == 0 ? "even" : "odd"}}, kNowNs - (10 - n) * kMinuteNs,
                      ProfileOf({{{"main", "f", "f"}, n, "t"}, {{"main"}, 5, "t"}}));
  }
  return fixture;
}

std::vector<int64_t> NotNull(const json& column) {
  std::vector<int64_t> values;
  for (const json& value : column) {
    if (value != 0) values.push_back(value.get<int64_t>() * 1000 / kPeriodNs);
  }
  return values;
}

TEST_CASE("Share: what a function took of each interval, a stack once however often it recurs") {
  const json answer = TenMinutes().GetJson("/api/v1/share", {{"fn", "f"}});
  CHECK(answer["fn"] == "f");
  CHECK(answer["unit"] == "microseconds");
  CHECK(answer["step_seconds"] == 60);
  CHECK(NotNull(answer["function"]) == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(NotNull(answer["total"]) == std::vector<int64_t>{6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(answer["function"].size() == answer["total"].size());
}

TEST_CASE("Share: all intervals make up the whole range, its ends included") {
  const Fixture fixture = TenMinutes();
  for (const char* from : {"-10min", "-9min", "-515s", "-1h"}) {
    INFO(from);
    const Fixture::Params params = {{"from", from}, {"fn", "f"}};
    const json answer = fixture.GetJson("/api/v1/share", params);
    int64_t sum = 0;
    for (const json& value : answer["total"]) sum += value.get<int64_t>();
    CHECK(sum == fixture.GetJson("/api/v1/flame", params)["total"]);
  }
}

TEST_CASE("Share: filters and edits hold, a function that is not there has none") {
  const Fixture fixture = TenMinutes();
  CHECK(NotNull(
            fixture.GetJson("/api/v1/share", {{"fn", "f"}, {"where", "host=even"}})["function"]) ==
        std::vector<int64_t>{2, 4, 6, 8, 10});
  const json focused = fixture.GetJson("/api/v1/share", {{"fn", "f"}, {"edit", "focus:f"}});
  CHECK(focused["total"] == focused["function"]);
  CHECK(NotNull(fixture.GetJson("/api/v1/share", {{"fn", "g"}})["function"]).empty());
}

TEST_CASE("Share: without a function it is refused, with too many intervals it has fewer") {
  const Fixture fixture = TenMinutes();
  CHECK(fixture.Get("/api/v1/share").status == 400);
  const json answer = fixture.GetJson("/api/v1/share", {{"fn", "f"}, {"intervals", "1000"}});
  CHECK(answer["total"].size() <= 121);
}

}  // namespace
}  // namespace stacksampler::visualizer
