// SPDX-License-Identifier: MIT
#include "stacksampler/profile.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

StackId Stack(Profile* profile, std::initializer_list<std::string_view> names) {
  StackId stack = 0;
  for (const auto name : names) stack = profile->InternStack(stack, profile->InternFrame(name));
  return stack;
}

TEST_CASE("Profile: equal stacks share an id, samples of one (stack, labels) add up") {
  Profile profile;
  const StackId stack = Stack(&profile, {"main", "serve", "parse"});
  CHECK(Stack(&profile, {"main", "serve", "parse"}) == stack);
  const LabelSetId labels = profile.InternLabels({{"thread", "w"}, {"a", "1"}, {"a", "2"}});
  CHECK(profile.InternLabels({{"a", "2"}, {"thread", "w"}}) == labels);
  profile.AddSample(stack, labels, 2, 10);
  profile.AddSample(stack, labels, 3, 15);
  profile.AddSample(stack, 0, 1, 5);
  REQUIRE(profile.samples().size() == 2);
  CHECK(profile.samples()[0].weight == 5);
  CHECK(profile.TotalWeight() == 6);
  CHECK(profile.TotalCpuNs() == 30);
  CHECK(profile.FrameName(profile.StackFrames(stack)[2]) == "parse");
  CHECK(profile.Validate().ok());
}

TEST_CASE("Profile: a copy stands on its own") {
  Profile copy;
  {
    Profile profile;
    profile.AddSample(
        Stack(&profile, {"main", "a name long enough to live on the heap, not inside the string"}),
        0, 1, 0);
    copy = profile;
  }
  CHECK(copy.FrameName(1) == "a name long enough to live on the heap, not inside the string");
  CHECK(copy.InternFrame("main") == 0);
}

TEST_CASE("Profile: merging adds weights and CPU time, and forgets a period that differs") {
  Profile a;
  a.period_ns = 5;
  a.start_ns = 100;
  a.end_ns = 200;
  a.AddSample(Stack(&a, {"main", "f"}), 0, 2, 10);
  Profile b;
  b.period_ns = 10;
  b.start_ns = 50;
  b.end_ns = 150;
  b.AddSample(Stack(&b, {"main", "f"}), 0, 1, 10);
  b.AddTimedSample({60, Stack(&b, {"main"}), b.InternLabels({{"thread", "w"}}), 4, 40});
  a.Merge(b);
  CHECK(a.TotalWeight() == 7);
  CHECK(a.TotalCpuNs() == 60);
  CHECK(a.period_ns == 0);
  CHECK(a.start_ns == 50);
  CHECK(a.end_ns == 200);
  REQUIRE(a.timeline().size() == 1);
  CHECK(a.label_sets()[a.timeline()[0].labels] == Labels{{"thread", "w"}});
  CHECK(a.Validate().ok());
}

TEST_CASE("Profile: Validate names what is wrong") {
  Profile negative;
  negative.AddSample(Stack(&negative, {"f"}), 0, -1, 0);
  CHECK(negative.Validate().message() == "profile: sample 0 has a negative value");
  Profile huge;
  huge.AddSample(Stack(&huge, {"f"}), 0, INT64_MAX, 0);
  huge.AddSample(Stack(&huge, {"g"}), 0, 1, 0);
  CHECK(huge.Validate().message() == "profile: the sum of the values passes 2^63");
}

TEST_CASE("Profile: what was appended is found by those who intern it later, in a copy as well") {
  Profile profile;
  Frame frame;
  frame.name = profile.InternString("main");
  const FrameId main = profile.AppendFrame(frame);
  const StackId stack = profile.AppendStack(0, main);
  profile.AppendSample({stack, 0, 2, 20});
  Profile copy = profile;
  for (Profile* each : {&profile, &copy}) {
    CHECK(each->InternFrame("main") == main);
    CHECK(each->InternStack(0, main) == stack);
    CHECK(each->InternStack(stack, main) == stack + 1);
    each->AddSample(stack, 0, 1, 10);
    REQUIRE(each->samples().size() == 1);
    CHECK(each->samples()[0].weight == 3);
    CHECK(each->Validate().ok());
  }
}

}  // namespace
}  // namespace stacksampler
