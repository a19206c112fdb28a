// SPDX-License-Identifier: MIT
#include "visualizer/heat.h"

#include <map>
#include <random>

#include "base/time_phrase.h"
#include "http/finish.h"
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

constexpr int64_t kBucketNs = 20'000'000;
constexpr int64_t kPeriodUs = kPeriodNs / 1000;

struct Moment {
  int64_t time_ns;
  std::string function;  // below "main"
  int64_t weight = 1;
};

Profile TimedProfileOf(const std::vector<Moment>& moments) {
  Profile profile;
  profile.period_ns = kPeriodNs;
  for (const Moment& moment : moments) {
    const StackId main = profile.InternStack(0, profile.InternFrame("main"));
    const StackId stack = profile.InternStack(main, profile.InternFrame(moment.function));
    profile.AddTimedSample({moment.time_ns, stack, 0, moment.weight, moment.weight * kPeriodNs});
  }
  return profile;
}

/// Ten seconds up to now: "serve" all the time, "stall" for 40 ms at each half and whole second.
std::vector<Moment> PeriodicStall() {
  std::vector<Moment> moments;
  for (int64_t at = kNowNs - 10 * kSecondNs; at < kNowNs; at += kBucketNs) {
    moments.push_back({at, "serve"});
    if (at % (kSecondNs / 2) < 2 * kBucketNs) moments.push_back({at, "stall", 3});
  }
  return moments;
}

std::vector<Moment> RandomMoments(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Moment> moments;
  for (int i = 0; i < 2000; ++i) {
    const int64_t bucket = static_cast<int64_t>(random() % 1000);
    moments.push_back({kNowNs - 20 * kSecondNs + bucket * kBucketNs,
                       "f" + std::to_string(random() % 7), 1 + static_cast<int64_t>(random() % 3)});
  }
  return moments;
}

std::string SpanText(int64_t begin_ns, int64_t end_ns) {
  return FormatTime(begin_ns) + ".." + FormatTime(end_ns);
}

const Fixture::Params kTenSeconds = {{"from", "-10s"}, {"until", "now"}};

int64_t Cell(const json& heat, size_t column, size_t row) {
  return heat["cells"].at(column * heat["rows"].get<size_t>() + row).get<int64_t>();
}

TEST_CASE("Heat: what happens every half second stands in the rows of its part of a second") {
  Fixture fixture;
  fixture.store.Add({{"host", "web-1"}}, kNowNs, TimedProfileOf(PeriodicStall()));
  const json heat = fixture.GetJson("/api/v1/heat", kTenSeconds);
  CHECK(heat["step_seconds"] == 1);
  CHECK(heat["rows"] == 50);
  CHECK(heat["row_ms"] == 20);
  CHECK(heat["bucket_us"] == 20'000);
  CHECK(heat["begin"] == FormatTime(kNowNs - 10 * kSecondNs));
  CHECK(heat["cells"].size() == heat["columns"].get<size_t>() * 50);
  for (size_t column = 0; column < 10; ++column) {
    for (size_t row = 0; row < 50; ++row) {
      const bool stalls = row % 25 < 2;
      INFO(column << ' ' << row);
      CHECK(Cell(heat, column, row) == (stalls ? 4 : 1) * kPeriodUs);
    }
  }
}

TEST_CASE("Heat: cells, what has no times, and windows across the ends make up the range") {
  Fixture fixture;
  fixture.store.Add({{"host", "web-1"}, {"port", "1"}}, kNowNs, TimedProfileOf(RandomMoments(1)));
  fixture.store.Add({{"host", "web-2"}, {"port", "2"}}, kNowNs, ProfileOf({{{"main"}, 70, "t"}}));
  for (const char* from : {"-1h", "-20s", "-7s", "-1s"}) {
    INFO(from);
    const Fixture::Params range = {{"from", from}};
    const json heat = fixture.GetJson("/api/v1/heat", range);
    CHECK(Sum(heat["cells"]) == heat["timed"]);
    CHECK(heat["untimed"]["total"] == 70 * kPeriodUs);
    CHECK(heat["untimed"]["targets"] == json::array({"web-2:2"}));
    CHECK(heat["timed"].get<int64_t>() + heat["across"].get<int64_t>() + 70 * kPeriodUs ==
          heat["total"]);
    CHECK(heat["total"] == fixture.GetJson("/api/v1/flame", range)["total"]);
  }
  CHECK(fixture.GetJson("/api/v1/heat", {{"from", "-20s"}})["across"] == 0);
}

TEST_CASE("Heat: targets without times are named up to a bound, and counted beyond") {
  Fixture fixture;
  for (int i = 0; i < 13; ++i) {
    fixture.store.Add({{"host", "web-" + std::to_string(i)}}, kNowNs,
                      ProfileOf({{{"main"}, 1, "t"}}));
  }
  const json heat = fixture.GetJson("/api/v1/heat");
  CHECK(heat["bucket_us"] == 0);
  CHECK(heat["timed"] == 0);
  CHECK(heat["untimed"]["targets"].size() == kMostUntimedTargets);
  CHECK(heat["untimed"]["more"] == 3);
}

TEST_CASE("Heat: a function, a filter and an edit leave what is theirs in each cell") {
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(PeriodicStall()));
  fixture.store.Add({{"host", "b"}}, kNowNs, TimedProfileOf({{kNowNs - kSecondNs, "serve", 9}}));
  const auto ask = [&](const char* name, const char* value) {
    Fixture::Params params = kTenSeconds;
    params.emplace(name, value);
    return fixture.GetJson("/api/v1/heat", params);
  };
  for (const json& heat : {ask("fn", "stall"), ask("edit", "focus:stall")}) {
    CHECK(Cell(heat, 3, 0) == 3 * kPeriodUs);
    CHECK(Cell(heat, 3, 2) == 0);
    CHECK(heat["timed"] == 10 * 4 * 3 * kPeriodUs);
    CHECK(heat["total"] == heat["timed"]);
  }
  CHECK(ask("edit", "drop:stall")["timed"] == (500 + 9) * kPeriodUs);
  CHECK(ask("where", "host=b")["timed"] == 9 * kPeriodUs);
  CHECK(ask("fn", "nowhere")["timed"] == 0);
}

TEST_CASE("Heat: in a longer range a column is several seconds, and no answer passes its bounds") {
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(PeriodicStall()));
  for (const char* columns : {"10", "300", "500"}) {
    for (const char* from : {"-1s", "-4min", "-15min", "-1d", "-40years"}) {
      INFO(columns << ' ' << from);
      const Fixture::Params params = {{"from", from}, {"columns", columns}};
      const http::Response response = fixture.Get("/api/v1/heat", params);
      REQUIRE(response.status == 200);
      CHECK(response.body.size() < 400'000);
      const json heat = json::parse(response.body);
      CHECK(heat["columns"].get<int>() <= std::stoi(columns));
      CHECK(Sum(heat["cells"]) == heat["timed"]);
    }
  }
  const json heat = fixture.GetJson("/api/v1/heat", {{"from", "-20s"}, {"columns", "10"}});
  CHECK(heat["step_seconds"] == 5);
  CHECK(Cell(heat, 3, 1) == 5 * 4 * kPeriodUs);
  CHECK(Cell(heat, 3, 2) == 5 * kPeriodUs);
}

TEST_CASE("Heat: rows are no finer than what the collector kept times to, and of whole buckets") {
  const auto row_of = [](int64_t bucket_ms) {
    Fixture fixture;
    fixture.store.bucket_ns = bucket_ms * 1'000'000;
    fixture.store.Add({}, kNowNs, TimedProfileOf({{kNowNs - kSecondNs / 2, "f"}}));
    const json heat = fixture.GetJson("/api/v1/heat", kTenSeconds);
    const auto row = heat["row_ms"].get<int64_t>();
    CHECK(heat["rows"] == 1000 / row);
    CHECK(Cell(heat, 9, static_cast<size_t>(500 / row)) == kPeriodUs);
    return row;
  };
  CHECK(row_of(1) == 20);
  CHECK(row_of(8) == 40);
  CHECK(row_of(50) == 50);
  CHECK(row_of(70) == 100);
}

TEST_CASE("Heat: where periods are unknown cells are counts of samples") {
  Fixture fixture;
  Profile profile;
  profile.AddTimedSample(
      {kNowNs - kSecondNs, profile.InternStack(0, profile.InternFrame("f")), 0, 7, 0});
  fixture.store.Add({}, kNowNs, profile);
  const json heat = fixture.GetJson("/api/v1/heat", kTenSeconds);
  CHECK(heat["unit"] == "samples");
  CHECK(heat["timed"] == 7);
  CHECK(heat["total"] == 7);
}

TEST_CASE("Heat: rounding loses nothing, whatever the period") {
  Fixture fixture;
  Profile profile;
  const StackId stack = profile.InternStack(0, profile.InternFrame("f"));
  for (int64_t i = 1; i <= 100; ++i) {
    profile.AddTimedSample({kNowNs - i * kBucketNs, stack, 0, 1, 333});
  }
  fixture.store.Add({}, kNowNs, profile);
  const json heat = fixture.GetJson("/api/v1/heat", kTenSeconds);
  CHECK(heat["total"] == 33);  // 33,300 ns
  CHECK(Sum(heat["cells"]) == 33);
}

TEST_CASE("Heat: more sample times than an answer may hold are refused, with a way out") {
  Fixture fixture;
  fixture.store.times_failure = Status(StatusCode::kInvalidArgument, "ask for a shorter range");
  const http::Response response = fixture.Get("/api/v1/heat", {{"from", "-7days"}});
  CHECK(response.status == 400);
  const json refusal = json::parse(response.body);
  CHECK(refusal["parameter"] == "from");
  CHECK(refusal["value"] == "-7days");
  CHECK_FALSE(refusal["examples"].empty());
}

TEST_CASE("Heat: a part with more sample times than an answer may hold is refused likewise") {
  Fixture fixture;
  fixture.store.times_failure = Status(StatusCode::kInvalidArgument, "ask for a shorter range");
  for (const char* route :
       {"flame", "search", "top", "sandwich", "callgraph", "source", "export"}) {
    INFO(route);
    const http::Response response =
        fixture.Get(std::string("/api/v1/") + route,
                    {{"at", "-7days..now"}, {"fn", "f"}, {"q", "f"}, {"format", "folded"}});
    CHECK(response.status == 400);
    CHECK(json::parse(response.body)["parameter"] == "at");
    CHECK(json::parse(response.body)["value"] == "-7days..now");
  }
}

TEST_CASE("Heat: a part shorter than a millisecond, of which the page knows nothing, is refused") {
  Fixture fixture;
  const char* const at = "2026-11-22T05:39:10.5001Z..2026-11-22T05:39:10.5004Z";
  const http::Response response = fixture.Get("/api/v1/flame", {{"at", at}});
  CHECK(response.status == 400);
  CHECK(json::parse(response.body)["parameter"] == "at");
}

/// What the moments within weigh, by function.
std::map<std::string, int64_t> BruteForce(const std::vector<Moment>& moments, int64_t begin_ns,
                                          int64_t end_ns) {
  std::map<std::string, int64_t> sums;
  for (const Moment& moment : moments) {
    if (moment.time_ns < begin_ns || moment.time_ns >= end_ns) continue;
    sums[moment.function] += moment.weight * kPeriodUs;
  }
  return sums;
}

std::map<std::string, int64_t> Selfs(const json& top) {
  std::map<std::string, int64_t> sums;
  for (size_t i = 0; i < top["rows"]["name"].size(); ++i) {
    const int64_t self = top["rows"]["self"][i].get<int64_t>();
    if (self > 0) sums[top["names"].at(top["rows"]["name"][i].get<size_t>())] = self;
  }
  return sums;
}

TEST_CASE("Sub-interval: graph, table and files hold the samples between two moments, no other") {
  const std::vector<Moment> moments = RandomMoments(2);
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(moments));
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) {
    const int64_t begin_ns = kNowNs - static_cast<int64_t>(random() % 20'000) * 1'000'000;
    const int64_t end_ns =
        begin_ns + 1'000'000 + static_cast<int64_t>(random() % 3'000) * 1'000'000;
    const Fixture::Params params = {{"at", SpanText(begin_ns, end_ns)}, {"format", "folded"}};
    INFO(SpanText(begin_ns, end_ns));
    const auto expected = BruteForce(moments, begin_ns, end_ns);
    int64_t total = 0;
    for (const auto& [function, self] : expected) total += self;
    CHECK(Selfs(fixture.GetJson("/api/v1/top", params)) == expected);
    CHECK(fixture.GetJson("/api/v1/flame", params)["total"] == total);
    const std::string folded = fixture.Get("/api/v1/export", params).body;
    for (const auto& [function, self] : expected) {
      const std::string line = "main;" + function + ' ' + std::to_string(self / kPeriodUs) + '\n';
      CHECK(folded.find(line) != std::string::npos);
    }
  }
}

TEST_CASE("Sub-interval: cells that are chosen in the heat map weigh what the graph then shows") {
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(RandomMoments(4)));
  const json heat = fixture.GetJson("/api/v1/heat", {{"from", "-20s"}});
  const int64_t begin_ns = kNowNs - 20 * kSecondNs;
  for (size_t first = 0; first < 900; first += 97) {
    const size_t last = first + 61;
    int64_t sum = 0;
    for (size_t i = first; i <= last; ++i) sum += heat["cells"][i].get<int64_t>();
    const std::string at = SpanText(begin_ns + static_cast<int64_t>(first) * kBucketNs,
                                    begin_ns + static_cast<int64_t>(last + 1) * kBucketNs);
    CHECK(fixture.GetJson("/api/v1/flame", {{"at", at}})["total"] == sum);
  }
}

TEST_CASE("Sub-interval: filters, groupings, edits and every view go together with it") {
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(PeriodicStall()));
  fixture.store.Add({{"host", "b"}}, kNowNs, TimedProfileOf({{kNowNs - kSecondNs, "serve", 9}}));
  const auto ask = [&](const std::string& path, const char* name, const char* value) {
    return fixture.GetJson("/api/v1/" + path, {{"at", "-1s..-980ms"}, {name, value}});
  };
  CHECK(ask("flame", "where", "host=b")["total"] == 9 * kPeriodUs);
  CHECK(ask("flame", "edit", "focus:stall")["total"] == 3 * kPeriodUs);
  CHECK(ask("top", "by", "host")["groups"]["names"].size() == 2);
  CHECK(ask("search", "q", "stall")["matched"] == 3 * kPeriodUs);
  CHECK(ask("sandwich", "fn", "stall")["callees"]["nodes"]["total"][0] == 3 * kPeriodUs);
  CHECK(ask("callgraph", "nodes", "9")["names"].dump().find("stall") != std::string::npos);
  CHECK(ask("source", "fn", "stall")["fn"] == "stall");
  const json echoed = ask("flame", "tz", "+01:00")["at"];
  CHECK(echoed["begin"] == "2026-11-22T06:39:59+01:00");
  CHECK(echoed["end"] == "2026-11-22T06:39:59.020+01:00");
}

TEST_CASE("Sub-interval: one merge for all views of it, another for another") {
  Fixture fixture;
  fixture.store.Add({{"host", "a"}}, kNowNs, TimedProfileOf(PeriodicStall()));
  const auto merges_of = [&](const char* at) {
    const int before = fixture.store.merges;
    fixture.GetJson("/api/v1/flame", {{"at", at}});
    fixture.GetJson("/api/v1/top", {{"at", at}});
    return fixture.store.merges - before;
  };
  CHECK(merges_of("-1s..-980ms") == 1);
  CHECK(merges_of("-1s..-980ms") == 0);
  CHECK(merges_of("-1s..-960ms") == 1);
}

TEST_CASE("Sub-interval: one without samples is empty, and tells of no other data") {
  Fixture fixture;
  fixture.AddExample();
  const json flame = fixture.GetJson("/api/v1/flame", {{"at", "-1s..now"}});
  CHECK(flame["total"] == 0);
  CHECK_FALSE(flame.contains("nearest"));
}

TEST_CASE("Sub-interval: what is none is refused, with the place that does not fit") {
  const Fixture fixture;
  const auto refusal = [&](const char* at) {
    const http::Response response = fixture.Get("/api/v1/flame", {{"at", at}});
    CHECK(response.status == 400);
    const json body = json::parse(response.body);
    CHECK(body["parameter"] == "at");
    CHECK_FALSE(body["examples"].empty());
    return body.value("position", -1);
  };
  CHECK(refusal("-1s") == -1);
  CHECK(refusal("x..now") == 0);
  CHECK(refusal("-1s..x") == 5);
  CHECK(refusal("now..-1s") == 5);
  CHECK(refusal("-1s..-1s") == 5);
  CHECK(refusal("1960-01-01..now") == 0);
}

TEST_CASE("Sub-interval: a comparison does not take one") {
  const Fixture fixture;
  const http::Response response =
      fixture.Get("/api/v1/diff", {{"at", "-2s..-1s"}, {"base_shift", "range"}});
  CHECK(response.status == 400);
  CHECK(json::parse(response.body)["parameter"] == "at");
}

}  // namespace
}  // namespace stacksampler::visualizer
