// SPDX-License-Identifier: MIT
#include "visualizer/timeline.h"

#include <numeric>

#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

int64_t SumOf(const json& rows) {
  int64_t sum = 0;
  for (const json& row : rows) {
    for (const json& value : row) sum += value.get<int64_t>();
  }
  return sum;
}

TEST_CASE("Timeline: the whole answer: what ended when, stacked by a label") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.Add({{"host", "web-1"}}, kNowNs - 4 * kMinuteNs, ProfileOf({{{"main"}, 2, "t"}}));
  json answer =
      fixture.GetJson("/api/v1/timeline", {{"from", "-5min"}, {"by", "host"}, {"intervals", "10"}});
  answer.erase("range");
  CHECK(answer == json::parse(R"({
    "unit": "microseconds", "begin": "2026-11-22T05:35:00Z", "step_seconds": 30, "intervals": 10,
    "groups": ["web-1", "web-2"],
    "values": [[35000, 10000, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 15000, 0, 0]],
    "rest": {"groups": 0, "values": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}, "warnings": []})"));
}

TEST_CASE("Timeline: all its values together are the graph's total, under every filter") {
  Fixture fixture;
  fixture.AddExample();
  const Fixture::Params filters[] = {
      {}, {{"host", "web-1"}}, {{"thread", "worker"}, {"by", "port"}}, {{"from", "-2min"}}};
  for (const Fixture::Params& params : filters) {
    CHECK(SumOf(fixture.GetJson("/api/v1/timeline", params)["values"]) ==
          fixture.GetJson("/api/v1/flame", params)["total"]);
  }
}

TEST_CASE("Timeline: what an edit leaves out of the graph is not in the bars") {
  Fixture fixture;
  fixture.AddExample();
  for (const char* edit : {"focus:serve", "drop:parse", "drop~^s", "focus:serve;drop:send",
                           "focus:none", "hide:serve", "mine", "recursion"}) {
    for (const char* by : {"", "host", "thread"}) {
      INFO(edit << " by " << by);
      const Fixture::Params params = {{"edit", edit}, {"by", by}, {"intervals", "1000"}};
      CHECK(SumOf(fixture.GetJson("/api/v1/timeline", params)["values"]) ==
            fixture.GetJson("/api/v1/flame", params)["total"]);
    }
  }
}

TEST_CASE("Timeline: an edit acts on each interval and group where they were") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.Add({}, kNowNs - 4 * kMinuteNs, ProfileOf({{{"send"}, 9, "worker"}}));
  const json answer = fixture.GetJson(
      "/api/v1/timeline",
      {{"from", "-5min"}, {"by", "thread"}, {"intervals", "10"}, {"edit", "drop:send"}});
  CHECK(answer["groups"] == json({"main", "worker"}));
  CHECK(answer["values"] ==
        json({{5000, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {30000, 0, 0, 0, 0, 0, 0, 10000, 0, 0}}));
  const json focused =
      fixture.GetJson("/api/v1/timeline", {{"intervals", "1000"}, {"edit", "focus:serve"}});
  CHECK(focused["intervals"] <= 121);
}

TEST_CASE("Timeline: intervals are whole seconds, minutes, hours, never more than asked for") {
  CHECK(StepFor(15 * kMinuteNs, 120) == 10 * kSecondNs);
  CHECK(StepFor(60 * kMinuteNs, 120) == 30 * kSecondNs);
  CHECK(StepFor(24 * 60 * kMinuteNs, 120) == 15 * kMinuteNs);
  CHECK(StepFor(0, 120) == kSecondNs);
  for (int64_t range = 1; range < INT64_MAX / 3; range *= 3) {
    for (const int64_t intervals : {10, 120, 1000}) {
      CHECK((range - 1) / StepFor(range, intervals) < intervals);
    }
  }
}

TEST_CASE("Timeline: intervals grow with windows that are longer, so that none stands alone") {
  Fixture fixture;
  for (int i = 0; i < 12; ++i) {
    fixture.store.Add({}, kNowNs - i * kMinuteNs, ProfileOf({{{"main"}, 1, "t"}}));
  }
  const json answer = fixture.GetJson("/api/v1/timeline");
  CHECK(answer["step_seconds"] == 60);
  for (size_t i = 3; i < 15; ++i) CHECK(answer["values"][0][i] == 5000);
}

TEST_CASE("Timeline: the seven heaviest groups have names, the others are summed") {
  Fixture fixture;
  for (int i = 1; i <= 10; ++i) {
    const std::string thread = "t" + std::to_string(i);
    fixture.store.Add({}, kNowNs, ProfileOf({{{"main"}, i, thread}}));
  }
  const json answer = fixture.GetJson("/api/v1/timeline", {{"by", "thread"}});
  CHECK(answer["groups"] == json({"t10", "t4", "t5", "t6", "t7", "t8", "t9"}));
  CHECK(answer["rest"]["groups"] == 3);
  CHECK(answer["rest"]["values"].back() == 6 * 5000);
}

TEST_CASE("Timeline: samples are the unit where a period is unknown, no label is a group") {
  Fixture fixture;
  fixture.AddExample();
  fixture.store.Add({}, kNowNs, ProfileOf({{{"imported"}, 3, "t"}}, 0));
  const json answer = fixture.GetJson("/api/v1/timeline", {{"by", "host"}});
  CHECK(answer["unit"] == "samples");
  CHECK(answer["groups"][0] == "[no host]");
}

TEST_CASE("Timeline: an empty range is intervals without groups, bad parameters are refused") {
  const Fixture fixture;
  const json answer = fixture.GetJson("/api/v1/timeline");
  CHECK(answer["groups"].empty());
  CHECK(answer["intervals"] == 90);
  for (const char* text : {"9", "1001", "", "x", "-5"}) {
    const http::Response response = fixture.Get("/api/v1/timeline", {{"intervals", text}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == "intervals");
  }
}

}  // namespace
}  // namespace stacksampler::visualizer
