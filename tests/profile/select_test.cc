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

TEST_CASE("Select: what has no moment is the sample less its moments") {
  const Profile profile = tests::TimedProfile();
  const std::vector<Sample> rest = SamplesWithoutMoments(profile);
  REQUIRE(rest.size() == 4);
  CHECK(rest[1].weight == 5);
  CHECK(SamplesWithoutMoments(tests::AbaaaProfile()).empty());
}

}  // namespace
}  // namespace stacksampler
