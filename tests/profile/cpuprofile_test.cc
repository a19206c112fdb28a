// SPDX-License-Identifier: MIT
#include "stacksampler/cpuprofile.h"

#include "profile/example_profiles.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

std::string Node(int id, const std::string& name, const std::string& script, const std::string& url,
                 const std::string& rest) {
  return R"({"id":)" + std::to_string(id) + R"(,"callFrame":{"functionName":")" + name +
         R"(","scriptId":")" + script + R"(","url":")" + url +
         R"(","lineNumber":-1,"columnNumber":-1},)" + rest + "}";
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string kRoot = Node(1, "(root)", "0", "", R"("hitCount":0,"children":[3])");

TEST_CASE("CpuProfileWriter: a, b, a, a, a keeps its order and counts a:4 b:1") {
  CHECK(EncodeCpuProfile(tests::AbaaaProfile()) ==
        R"({"nodes":[)" + kRoot + "," +
            Node(3, "main", "1000000", "native:", R"("hitCount":0,"children":[4,5])") + "," +
            Node(4, "a", "1000000", "native:", R"("hitCount":4)") + "," +
            Node(5, "b", "1000000", "native:", R"("hitCount":1)") +
            R"(],"startTime":1700000000000000,"endTime":1700000000050000,)" +
            R"("samples":[4,5,4,4,4,1],"timeDeltas":[0,10000,10000,10000,10000,10000]})");
}

TEST_CASE("CpuProfileWriter: a gap is idle time, and a sample of weight 3 lasts three periods") {
  Profile profile;
  profile.period_ns = 1000000;
  const StackId f = tests::InternStack(&profile, {"f"});
  profile.AddTimedSample({10000000, f, 0, 1, 1000000});
  profile.AddTimedSample({90000000, f, 0, 3, 3000000});
  const std::string json = EncodeCpuProfile(profile);
  CHECK(Contains(json, R"("startTime":9000,"endTime":90000,"samples":[3,2,3,1],)"
                       R"("timeDeltas":[0,1000,77000,3000])"));
  CHECK(Contains(json, R"json("functionName":"(idle)")json"));
  CHECK(Contains(json, R"("hitCount":4)"));
}

TEST_CASE(
    "CpuProfileWriter: without moments the heaviest stacks come first, as long as they weigh") {
  Profile profile;
  profile.period_ns = 2000000;
  profile.AddSample(tests::InternStack(&profile, {"light"}), 0, 1, 2000000);
  profile.AddSample(tests::InternStack(&profile, {"heavy"}), 0, 1, 2000000);
  profile.AddSample(tests::InternStack(&profile, {"heavy", "callee"}), 0, 4, 8000000);
  // light is 3, heavy 4, callee 5.
  CHECK(Contains(EncodeCpuProfile(profile),
                 R"("samples":[5,4,3,1],"timeDeltas":[0,8000,2000,2000])"));
}

TEST_CASE("CpuProfileWriter: what has no moment stands at the end, each stack once and whole") {
  Profile profile;
  profile.period_ns = 1000000;
  const StackId f = tests::InternStack(&profile, {"f"});
  const StackId rest = tests::InternStack(&profile, {"[unsampled]"});
  profile.AddTimedSample({10000000, f, 0, 1, 1000000});
  profile.AddSample(rest, 0, 4, 4000000);
  profile.AddSample(rest, profile.InternLabels({{"thread", "w"}}), 5, 0);  // 5 periods
  profile.AddSample(f, 0, 2, 2000000);
  // f is 3, [unsampled] 4.
  CHECK(Contains(EncodeCpuProfile(profile),
                 R"("startTime":9000,"endTime":21000,)"
                 R"("samples":[3,4,3,1],"timeDeltas":[0,1000,9000,2000])"));
}

TEST_CASE("CpuProfileWriter: threads that ran at once share an axis of CPU time") {
  Profile profile;
  profile.period_ns = 4000000;
  const StackId a = tests::InternStack(&profile, {"a"});
  const StackId b = tests::InternStack(&profile, {"b"});
  for (const int64_t tick_ns : {8000000, 12000000}) {
    profile.AddTimedSample({tick_ns, a, 0, 1, 4000000});
    profile.AddTimedSample({tick_ns + 100000, b, 0, 2, 8000000});
  }
  // a is 3, b 4.
  CHECK(Contains(EncodeCpuProfile(profile),
                 R"("startTime":4000,"endTime":28000,"samples":[3,4,3,4,1],)"
                 R"("timeDeltas":[0,4000,8000,4000,8000])"));
}

TEST_CASE("CpuProfileWriter: a thread whose samples come with the kernel's ticks keeps its time") {
  Profile profile;
  profile.period_ns = 7000000;
  const StackId f = tests::InternStack(&profile, {"f"});
  for (const int64_t tick_ns : {8000000, 16000000, 24000000, 28000000, 36000000}) {
    profile.AddTimedSample({tick_ns, f, 0, 1, 7000000});
  }
  CHECK(Contains(EncodeCpuProfile(profile), R"("timeDeltas":[0,7000,7000,7000,7000,7000])"));
}

// Idle time in slices of less than half a sample's length waits until it is as long.
TEST_CASE("CpuProfileWriter: time between two samples beyond their CPU time is idle") {
  Profile profile;
  profile.period_ns = 4000000;
  const StackId f = tests::InternStack(&profile, {"f"});
  for (const int64_t time_ns : {8000000, 15000000, 20000000, 26000000, 31000000}) {
    profile.AddTimedSample({time_ns, f, 0, 1, 4000000});
  }
  CHECK(Contains(EncodeCpuProfile(profile),
                 R"("samples":[3,2,3,3,2,3,3,1],)"
                 R"("timeDeltas":[0,4000,3000,4000,4000,3000,4000,4000])"));
}

TEST_CASE("CpuProfileWriter: lengths of broken microseconds add up to the whole") {
  Profile profile;
  profile.period_ns = 1000700;
  const StackId f = tests::InternStack(&profile, {"f"});
  for (int64_t i = 1; i <= 10; ++i) {
    profile.AddTimedSample({i * 2500000, f, 0, 1, 1000700});
  }
  CHECK(Contains(EncodeCpuProfile(profile), R"("timeDeltas":[0,1000,1500,1001,1499,1001,)"));
}

TEST_CASE("CpuProfileWriter: without any CPU time a sample lasts from the one before it") {
  Profile profile;
  const StackId f = tests::InternStack(&profile, {"f"});
  for (const int64_t time_ns : {1000000, 4000000, 6000000}) {
    profile.AddTimedSample({time_ns, f, 0, 1, 0});
  }
  CHECK(Contains(EncodeCpuProfile(profile), R"("timeDeltas":[0,0,3000,2000])"));
}

TEST_CASE("CpuProfileWriter: a weight of unknown period lasts a millisecond") {
  Profile profile;
  profile.AddSample(tests::InternStack(&profile, {"f"}), 0, 7, 0);
  CHECK(Contains(EncodeCpuProfile(profile), R"("timeDeltas":[0,7000])"));
}

TEST_CASE("CpuProfileWriter: files become URLs, lines count from 0, the rest names its module") {
  const std::string json = EncodeCpuProfile(tests::RichProfile());
  CHECK(Contains(json, R"("url":"file:///src/serve.cc","lineNumber":39,"columnNumber":0)"));
  CHECK(Contains(json, R"("url":"native:/lib/libz.so.1","lineNumber":-1,"columnNumber":-1)"));
}

TEST_CASE("CpuProfileWriter: an empty profile is still a profile") {
  CHECK(EncodeCpuProfile(Profile()) ==
        R"({"nodes":[)" + Node(1, "(root)", "0", "", R"("hitCount":0,"children":[])") +
            R"(],"startTime":0,"endTime":0,"samples":[1],"timeDeltas":[0]})");
}

}  // namespace
}  // namespace stacksampler
