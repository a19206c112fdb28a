// SPDX-License-Identifier: MIT
#include "visualizer/nearest.h"

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

Fixture WithGap() {
  Fixture fixture;
  const std::pair<int64_t, const char*> windows[] = {{600, "a"}, {480, "b"}, {60, "a"}, {0, "b"}};
  for (const auto& [minutes, host] : windows) {
    fixture.store.Add({{"host", host}}, kNowNs - minutes * kMinuteNs, ProfileOf({{{"f"}, 1, "t"}}));
  }
  return fixture;
}

json NearestOf(const Fixture& fixture, Fixture::Params params) {
  return fixture.GetJson("/api/v1/flame", std::move(params)).value("nearest", json());
}

int64_t SamplesAt(const Fixture& fixture, const std::string& from, const std::string& until) {
  return fixture.GetJson("/api/v1/flame", {{"from", from}, {"until", until}})["total"]
      .get<int64_t>();
}

TEST_CASE("Nearest: an empty range names the data on either side") {
  const Fixture fixture = WithGap();
  const json nearest = NearestOf(fixture, {{"from", "-5h"}, {"until", "-4h"}});
  const std::string before = nearest["before"];
  const std::string after = nearest["after"];
  CHECK(before < "2026-11-22T00:40:00Z");
  CHECK(after > "2026-11-22T01:40:00Z");
  CHECK(SamplesAt(fixture, "2026-11-21T20:40:00Z", before) > 0);
  CHECK(SamplesAt(fixture, after, "2026-11-22T04:45:00Z") > 0);
}

TEST_CASE("Nearest: beyond what is stored there is one side alone") {
  const Fixture fixture = WithGap();
  const json late = NearestOf(fixture, {{"from", "now+1h"}, {"until", "now+2h"}});
  CHECK(late == json({{"before", "2026-11-22T05:40:00Z"}}));
  const json early = NearestOf(fixture, {{"from", "-20h"}, {"until", "-11h"}});
  CHECK(early == json({{"after", "2026-11-21T19:40:00Z"}}));
}

TEST_CASE("Nearest: goes by the labels, a range with data and an empty store have none") {
  const Fixture fixture = WithGap();
  const json b = NearestOf(fixture, {{"from", "-5h"}, {"until", "-4h"}, {"where", "host=b"}});
  CHECK(b["after"].get<std::string>() >= "2026-11-22T05:39:00Z");
  CHECK(NearestOf(fixture, {{"from", "-2h"}}).is_null());
  CHECK(NearestOf(fixture, {{"where", "host=c"}}).is_null());
  CHECK(NearestOf(Fixture(), {}).is_null());
}

}  // namespace
}  // namespace stacksampler::visualizer
