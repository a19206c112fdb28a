// SPDX-License-Identifier: MIT
#include "profile/cpuprofile_reader.h"

#include <random>

#include "profile/example_profiles.h"
#include "stacksampler/cpuprofile.h"
#include "stacksampler/folded.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

// As Node.js writes it: idle time, a negative delta, positionTicks, an anonymous function.
constexpr char kNodeFile[] = R"json({"nodes":[
 {"id":1,"callFrame":{"functionName":"(root)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1},
  "hitCount":0,"children":[2,3]},
 {"id":2,"callFrame":{"functionName":"(idle)","scriptId":"0","url":"","lineNumber":-1,"columnNumber":-1},
  "hitCount":1},
 {"id":3,"callFrame":{"functionName":"","scriptId":"80","url":"file:///srv/app.js","lineNumber":0,
  "columnNumber":10},"hitCount":0,"children":[4]},
 {"id":4,"callFrame":{"functionName":"render","scriptId":"80","url":"file:///srv/app.js","lineNumber":6,
  "columnNumber":15},"hitCount":3,"positionTicks":[{"line":8,"ticks":3}]}],
 "startTime":1000,"endTime":9000,"samples":[4,2,4,4],"timeDeltas":[1000,4000,2000,-500]})json";

Profile Decoded(std::string_view json) {
  Result<Profile> profile = DecodeCpuProfile(json);
  REQUIRE(profile.status().message() == "");
  return *std::move(profile);
}

std::string Error(std::string_view json) {
  const Result<Profile> profile = DecodeCpuProfile(json);
  return profile.ok() ? "" : profile.status().message();
}

std::string WithNodes(const std::string& nodes, const std::string& samples = "") {
  return R"({"nodes":[)" + nodes + R"(],"startTime":0,"endTime":10)" + samples + "}";
}

TEST_CASE("CpuProfileReader: a, b, a, a, a reads back as a:4 b:1, in this order") {
  const Profile original = tests::AbaaaProfile();
  const Profile profile = Decoded(EncodeCpuProfile(original));
  CHECK(EncodeFolded(profile) == "main;a 4\nmain;b 1\n");
  REQUIRE(profile.timeline().size() == 5);
  for (size_t i = 0; i < 5; ++i) {
    const TimedSample& timed = profile.timeline()[i];
    CHECK(timed.time_ns == original.timeline()[i].time_ns);
    CHECK(timed.cpu_ns == 10000000);
    CHECK(profile.FrameName(profile.StackFrames(timed.stack).back()) == (i == 1 ? "b" : "a"));
  }
}

TEST_CASE("CpuProfileReader: weights, files, lines and modules survive a round trip") {
  const Profile original = tests::TimedProfile();
  const Profile profile = Decoded(EncodeCpuProfile(original));
  CHECK(EncodeFolded(profile) == EncodeFolded(original));
  const Frame& serve = profile.frames()[1];
  CHECK(profile.String(serve.file) == "/src/serve.cc");
  CHECK(serve.line == 40);
}

TEST_CASE("CpuProfileReader: weight and CPU time survive, with moments or without, of any thread") {
  Profile original;
  original.period_ns = 4000000;
  const StackId a = tests::InternStack(&original, {"main", "a"});
  const StackId b = tests::InternStack(&original, {"main", "b"});
  for (int64_t tick = 1; tick <= 20; ++tick) {
    original.AddTimedSample({tick * 4000000, a, 0, 1, 4000000});
    original.AddTimedSample({tick * 4000000 + 3000, b, 0, 1, 4000000});
  }
  original.AddSample(b, 0, 7, 28000000);
  original.AddSample(tests::InternStack(&original, {"[unsampled]"}), 0, 99, 396000000);
  const Profile profile = Decoded(EncodeCpuProfile(original));
  CHECK(EncodeFolded(profile) == EncodeFolded(original));
  CHECK(profile.TotalWeight() == 146);
  CHECK(profile.TotalCpuNs() == original.TotalCpuNs());
}

TEST_CASE("CpuProfileReader: weight and CPU time survive whatever lies between the moments") {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same gaps each time
  Profile original;
  original.period_ns = 1000000;
  const StackId stacks[] = {tests::InternStack(&original, {"a"}),
                            tests::InternStack(&original, {"b"})};
  int64_t now_ns = 0;
  for (int i = 0; i < 1000; ++i) {
    const int64_t weight = 1 + random() % 4;
    const int64_t cpu_ns = weight * original.period_ns;
    now_ns += cpu_ns * (90 + random() % 310) / 100;  // from a little less than it to four times
    original.AddTimedSample({now_ns, stacks[i % 2], 0, weight, cpu_ns});
  }
  const Profile profile = Decoded(EncodeCpuProfile(original));
  CHECK(EncodeFolded(profile) == EncodeFolded(original));
  CHECK(profile.TotalCpuNs() == original.TotalCpuNs());
}

TEST_CASE("CpuProfileReader: reads what Node.js writes, and leaves idle time out") {
  const Profile profile = Decoded(kNodeFile);
  CHECK(EncodeFolded(profile) == "(anonymous);render 3\n");
  REQUIRE(profile.timeline().size() == 3);
  CHECK(profile.timeline()[0].time_ns == 6000000);
  CHECK(profile.timeline()[0].cpu_ns == 4000000);
  CHECK(profile.timeline()[1].time_ns == 8000000);  // the overtaken one comes first
  CHECK(profile.TotalCpuNs() == 5500000);
  CHECK(profile.frames()[1].line == 7);
}

TEST_CASE("CpuProfileReader: without samples the hitCounts share out the time") {
  const Profile profile = Decoded(WithNodes(R"({"id":1},
      {"id":2,"callFrame":{"functionName":"f"},"hitCount":3,"parent":1},
      {"id":3,"callFrame":{"functionName":"g"},"hitCount":1,"parent":2})"));
  CHECK(EncodeFolded(profile) == "f 3\nf;g 1\n");
  CHECK(profile.timeline().empty());
  CHECK(profile.TotalCpuNs() == 10000);
}

TEST_CASE(
    "CpuProfileReader: takes a tree told twice, frames that are none and lines out of range") {
  const Profile profile = Decoded(WithNodes(R"({"id":1,"children":[2]},
      {"id":2,"parent":1,"callFrame":7,"hitCount":1,"children":[3]},
      {"id":3,"callFrame":{"functionName":"f","lineNumber":1e12},"hitCount":2})"));
  CHECK(EncodeFolded(profile) == "(anonymous);f 2\n(anonymous) 1\n");
  for (const Frame& frame : profile.frames()) CHECK(frame.line == 0);
}

TEST_CASE("CpuProfileReader: no samples are an empty profile of that length") {
  const Profile profile = Decoded(WithNodes(R"({"id":1})", R"(,"samples":[],"timeDeltas":[])"));
  CHECK(profile.samples().empty());
  CHECK(profile.end_ns == 10000);
}

TEST_CASE("CpuProfileReader: says what is wrong with a file") {
  CHECK(Error("") == "cpuprofile: not JSON; it is cut short, or no .cpuprofile: save it anew");
  CHECK(Error("{\"nodes\":") == Error(""));
  CHECK(Error("[]") == "cpuprofile: not a JSON object");
  CHECK(Error(std::string(100, '[')) == "cpuprofile: nested deeper than 16 levels");
  CHECK(Error("{}") == "cpuprofile: no member \"nodes\" with at least one node");
  CHECK(Error(R"({"nodes":7})") == Error("{}"));
  CHECK(Error(R"({"nodes":[]})") == Error("{}"));
  CHECK(Error("{\"head\":{}}").find("old DevTools") != std::string::npos);
  CHECK(Error(WithNodes("7")) == "cpuprofile: nodes[0] is not an object");
  CHECK(Error(WithNodes("{}")) == "cpuprofile: nodes[0] has no number \"id\"");
  CHECK(Error(WithNodes(R"({"id":"1"})")) == Error(WithNodes("{}")));
  CHECK(Error(WithNodes(R"({"id":1e300})")) == Error(WithNodes("{}")));
  CHECK(Error(WithNodes(R"({"id":1},{"id":1})")) == "cpuprofile: nodes[1]: id 1 is taken");
  CHECK(Error(WithNodes(R"({"id":1,"children":[5]})")) ==
        "cpuprofile: nodes[0] has a child that is not there");
  CHECK(Error(WithNodes(R"({"id":1,"children":["x"]})")) ==
        "cpuprofile: nodes[0] has a child that is not there");
  CHECK(Error(WithNodes(R"({"id":1,"hitCount":9007199254740992},{"id":2,"hitCount":1})")) ==
        "cpuprofile: nodes[1]: the sum of the hitCounts passes 2^53");
  CHECK(Error(WithNodes(R"({"id":1,"children":3})")) ==
        "cpuprofile: nodes[0]: children is not an array");
  CHECK(Error(WithNodes(R"({"id":1},{"id":2,"children":[1]})")) ==
        "cpuprofile: nodes[0] is the root and cannot be a child");
  CHECK(Error(WithNodes(R"({"id":1},{"id":2,"children":[2]})")) ==
        "cpuprofile: some nodes hang from no root");
  CHECK(Error(WithNodes(R"({"id":1,"children":[2,3]},{"id":2,"children":[3]},{"id":3})")) ==
        "cpuprofile: nodes[2] has two parents");
  CHECK(Error(R"({"nodes":[{"id":1}],"startTime":5,"endTime":4})") ==
        "cpuprofile: startTime and endTime must be microseconds, and in this order");
  CHECK(Error(R"({"nodes":[{"id":1}],"startTime":5})") ==
        "cpuprofile: startTime and endTime must be microseconds, and in this order");
  for (const char* arrays :
       {R"(,"samples":7,"timeDeltas":[])", R"(,"samples":[],"timeDeltas":7)"}) {
    CHECK(Error(WithNodes(R"({"id":1})", arrays)) ==
          "cpuprofile: samples and timeDeltas must be arrays of one length");
  }
  CHECK(Error(WithNodes(R"({"id":1})", R"(,"samples":[1],"timeDeltas":[-1])")) ==
        "cpuprofile: timeDeltas[0] is not a number of microseconds that can be");
  CHECK(Error(R"({"nodes":[{"id":1}],"startTime":9007199254740992,"endTime":9007199254740992,)"
              R"("samples":[1],"timeDeltas":[1]})") ==
        "cpuprofile: timeDeltas[0] is not a number of microseconds that can be");
  CHECK(Error(WithNodes(R"({"id":1})", R"(,"samples":[1],"timeDeltas":[])")) ==
        "cpuprofile: samples and timeDeltas must be arrays of one length");
  CHECK(Error(WithNodes(R"({"id":1})", R"(,"samples":[9],"timeDeltas":[0])")) ==
        "cpuprofile: samples[0] names a node that is not there");
  CHECK(Error(WithNodes(R"({"id":1})", R"(,"samples":[1],"timeDeltas":[1e300])")) ==
        "cpuprofile: timeDeltas[0] is not a number of microseconds that can be");
}

TEST_CASE("CpuProfileReader: changed bytes give a valid profile or a reason, never a crash") {
  const std::string original = kNodeFile;
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same mutations each time
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string json = original;
    for (int edits = 0; edits < 2; ++edits) {
      json[random() % json.size()] = "0123456789-[]{}\",:e."[random() % 20];
    }
    const Result<Profile> profile = DecodeCpuProfile(json);
    if (profile.ok()) {
      CHECK(profile->Validate().ok());
    } else {
      CHECK(profile.status().message().substr(0, 12) == "cpuprofile: ");
      ++refused;
    }
  }
  CHECK(refused > 0);
  CHECK(refused < 2000);
}

}  // namespace
}  // namespace stacksampler
