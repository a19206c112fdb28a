// SPDX-License-Identifier: MIT
//
// callgrind, DOT, speedscope and SVG, whose readers are in tests/browser.
#include <algorithm>
#include <string>

#include "profile/call_graph.h"
#include "profile/callgrind_writer.h"
#include "profile/cost_text.h"
#include "profile/dot_writer.h"
#include "profile/example_profiles.h"
#include "profile/speedscope_writer.h"
#include "profile/svg_writer.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int64_t kPeriodNs = 1'000'000;

void Add(Profile* profile, std::initializer_list<std::string_view> names, int64_t weight) {
  profile->AddSample(tests::InternStack(profile, names), 0, weight, weight * kPeriodNs);
}

/// a and b call each other.
Profile Recursive() {
  Profile profile;
  Add(&profile, {"main", "a", "b", "a", "b"}, 3);
  Add(&profile, {"main", "a"}, 2);
  Add(&profile, {"main", "b"}, 1);
  return profile;
}

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("CallGraph: a stack counts once in a function and in a call, however often they recur") {
  const CallGraph graph = BuildCallGraph(Recursive());
  CHECK(graph.total == 6000);
  REQUIRE(graph.functions.size() == 3);
  const auto is = [&](size_t i, const char* name, int64_t self, int64_t total) {
    const CalledFunction& function = graph.functions[i];
    CHECK(function.name == name);
    CHECK(function.self == self);
    CHECK(function.total == total);
  };
  is(0, "main", 0, 6000);
  is(1, "a", 2000, 5000);
  is(2, "b", 4000, 4000);
  const auto call = [&](uint32_t caller, uint32_t callee) {
    const auto it = std::find_if(
        graph.calls.begin(), graph.calls.end(),
        [&](const FunctionCall& c) { return c.caller == caller && c.callee == callee; });
    REQUIRE(it != graph.calls.end());
    return std::pair(it->total, it->entered);
  };
  CHECK(graph.calls.size() == 4);
  CHECK(call(0, 1) == std::pair<int64_t, int64_t>(5000, 5000));
  CHECK(call(0, 2) == std::pair<int64_t, int64_t>(1000, 1000));
  CHECK(call(1, 2) == std::pair<int64_t, int64_t>(3000, 3000));
  CHECK(call(2, 1) == std::pair<int64_t, int64_t>(3000, 0));
}

TEST_CASE(
    "Callgrind: names once, then numbers, with files, modules and lines where they are known") {
  Profile profile;
  Frame frame;
  frame.name = profile.InternString("f\nfn=(9) evil");
  frame.mapping = profile.InternMapping("/lib/x.so", "ab");
  frame.file = profile.InternString("x.cc");
  frame.line = 7;
  const StackId main = profile.InternStack(0, profile.InternFrame("main"));
  profile.AddSample(profile.InternStack(main, profile.InternFrame(frame)), 0, 5, 5 * kPeriodNs);
  CHECK(EncodeCallgrind(profile) ==
        "# callgrind format\nversion: 1\ncreator: stackcollector\npositions: line\n"
        "events: Microseconds\nsummary: 5000\n"
        "\nob=(1) /lib/x.so\nfl=(1) x.cc\nfn=(1) f\\u{a}fn=(9) evil\n7 5000\n"
        "\nob=(2) ???\nfl=(2) ???\nfn=(2) main\n0 0\n"
        "cob=(1)\ncfi=(1)\ncfn=(1)\ncalls=1 7\n0 5000\n");
}

TEST_CASE("Drawing writers: samples are the unit where a period is unknown") {
  Profile profile;
  profile.AddSample(tests::InternStack(&profile, {"main"}), 0, 3, 0);
  CHECK(Holds(EncodeCallgrind(profile), "events: Samples\nsummary: 3\n"));
  CHECK(Holds(EncodeDot(profile), "total 3 samples (100.0 %)"));
  CHECK(Holds(EncodeSpeedscope(profile), R"("unit":"none")"));
  CHECK(Holds(EncodeSvg(profile), "main\n3 samples (100.0 %)"));
}

TEST_CASE("Drawing writers: nothing at all is a file without functions") {
  const Profile empty;
  CHECK(Holds(EncodeCallgrind(empty), "summary: 0\n"));
  CHECK(Holds(EncodeDot(empty), "label=\"0 \xc2\xb5s\""));
  CHECK(Holds(EncodeSpeedscope(empty), R"("samples":[],"weights":[],"endValue":0)"));
  CHECK(Holds(EncodeSvg(empty), "<title>all\n"));
}

TEST_CASE("Dot: quotes, backslashes and entities are those of the name, the rest is counted") {
  Profile profile;
  Add(&profile, {"operator\"\"_x\\N&lt;"}, 1);
  CHECK(Holds(EncodeDot(profile), R"(label="operator\"\"_x\\N&amp;lt;\nself)"));
  for (int i = 0; i < 100; ++i) Add(&profile, {"f" + std::to_string(i)}, 2);
  const std::string dot = EncodeDot(profile);
  CHECK(Holds(dot, "21 functions left out"));
  CHECK(Holds(dot, "  f79 ["));
  CHECK_FALSE(Holds(dot, "  f80 ["));
}

TEST_CASE("Speedscope: stacks of all threads summed, the heaviest first") {
  Profile profile;
  const StackId light = tests::InternStack(&profile, {"main", "light"});
  const StackId heavy = tests::InternStack(&profile, {"main", "heavy"});
  profile.AddSample(light, profile.InternLabels({{"thread", "a"}}), 1, 10);
  profile.AddSample(light, profile.InternLabels({{"thread", "b"}}), 1, 20);
  profile.AddSample(heavy, 0, 1, 50);
  const std::string json = EncodeSpeedscope(profile);
  CHECK(Holds(json, R"("frames":[{"name":"main"},{"name":"light"},{"name":"heavy"}])"));
  CHECK(Holds(json, R"("samples":[[0,2],[0,1]],"weights":[50,30],"endValue":80)"));
}

TEST_CASE("Svg: names are text, what is too narrow is counted, a label can be the first level") {
  Profile profile;
  const StackId evil = tests::InternStack(&profile, {"<script>alert(\"1\")</script>&\x1b"});
  profile.AddSample(evil, profile.InternLabels({{"host", "web-1"}}), 1, 4'000'000'000);
  Add(&profile, {"tiny"}, 1);
  const std::string svg = EncodeSvg(profile, "host");
  CHECK(Holds(svg,
              "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;\\u{1b}\n4.00 s (100.0 %)"));
  CHECK(Holds(svg, "<title>web-1\n"));
  CHECK(Holds(svg, "2 frames are too narrow to be drawn"));
  CHECK_FALSE(Holds(svg, "<script"));
  CHECK(svg.find('\x1b') == std::string::npos);
}

TEST_CASE("CostText: three digits or so, in a unit that fits") {
  const auto text = [](int64_t us) { return CostText(us, TreeUnit::kCpuMicroseconds); };
  CHECK(text(999) == "999 \xc2\xb5s");
  CHECK(text(1006) == "1.01 ms");
  CHECK(text(61'000'000) == "61.00 s");
  CHECK(CostText(1, TreeUnit::kSamples) == "1 sample");
  CHECK(PercentText(1, 3) == "33.3 %");
  CHECK(PercentText(0, 0) == "0.0 %");
}

}  // namespace
}  // namespace stacksampler
