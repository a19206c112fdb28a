// SPDX-License-Identifier: MIT
#include "profile/select.h"

#include "profile/example_profiles.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("Select: keeping every label keeps everything, moments included") {
  const Profile profile = tests::TimedProfile();
  const Profile all = SelectByLabels(profile, [](const Labels&) { return true; });
  CHECK(tests::Describe(all) == tests::Describe(profile));
}

TEST_CASE("Select: keeps one thread's samples and moments, and only their frames") {
  const Profile profile = tests::TimedProfile();
  const Profile one = SelectByLabels(
      profile, [](const Labels& labels) { return LabelValue(labels, "thread") == "w2"; });
  CHECK(one.TotalWeight() == 2);
  CHECK(one.timeline().size() == 1);
  CHECK(one.frames().size() == 2);
  CHECK(one.period_ns == profile.period_ns);
}

TEST_CASE("Select: below a path lies what begins with its names, and nothing beside it") {
  Profile profile;
  const auto add = [&profile](const std::vector<std::string>& names, int64_t weight) {
    StackId stack = 0;
    for (const std::string& name : names) {
      stack = profile.InternStack(stack, profile.InternFrame(name));
    }
    profile.AddSample(stack, 0, weight, weight);
  };
  add({"a"}, 1);
  add({"a", "b"}, 2);
  add({"a", "b", "a", "b"}, 4);
  add({"x", "a", "b"}, 8);
  add({"a", "c", "b"}, 16);
  CHECK(SelectBelow(profile, {"a", "b"}).TotalWeight() == 6);
  CHECK(SelectBelow(profile, {"a"}).TotalWeight() == 23);
  CHECK(SelectBelow(profile, {"b"}).samples().empty());
  CHECK(SelectBelow(profile, {}).TotalWeight() == 31);
}

TEST_CASE("Select: what has no moment is the sample less its moments") {
  const Profile profile = tests::TimedProfile();
  const std::vector<Sample> rest = SamplesWithoutMoments(profile);
  REQUIRE(rest.size() == 4);
  CHECK(rest[1].weight == 5);
  CHECK(SamplesWithoutMoments(tests::AbaaaProfile()).empty());
}

}  // namespace
}  // namespace stacksampler
