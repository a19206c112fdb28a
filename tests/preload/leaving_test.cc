// SPDX-License-Identifier: MIT
#include <string>

#include "preload/recording.h"
#include "support/catch.h"

namespace stacksampler::tests {
namespace {

// Runs leaver, and loads all that it wrote.
Profile Leave(const std::string& way, const std::string& file, const std::string& variables = "") {
  const TemporaryFolder folder;
  const Outcome outcome =
      RunPreloaded("STACKSAMPLER_OUTPUT=" + (folder / file) + ' ' + variables, kLeaver + ' ' + way);
  INFO(way << ": " << outcome.text);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text.empty());
  return LoadFolder(folder.path());
}

TEST_CASE("preload library: however a program leaves, its file is whole") {
  for (const char* way : {"return", "exit", "_exit", "_Exit", "quick_exit", "handler"}) {
    INFO(way);
    CHECK(WeightOf(Leave(way, "out.folded"), "BurnFirst") > 0);
    CHECK(WeightOf(Leave(way, "out.windows"), "BurnFirst") > 0);
  }
}

TEST_CASE("preload library: a program that executes another one leaves what it did") {
  CHECK(WeightOf(Leave("exec", "%p.windows"), "BurnFirst") > 0);
  CHECK(WeightOf(Leave("exec", "out.folded", "STACKSAMPLER_FOLLOW=none"), "BurnFirst") > 0);
}

TEST_CASE("preload library: an exec that fails is nothing but a window's end") {
  for (const char* file : {"out.folded", "out.windows"}) {
    const Profile profile = Leave("failed-exec", file);
    CHECK(WeightOf(profile, "BurnFirst") > 0);
    CHECK(WeightOf(profile, "BurnAfterwards") > 0);
  }
}

TEST_CASE("preload library: a child of vfork neither writes nor ends its parent's recording") {
  const Profile profile = Leave("vfork", "out.folded");
  CHECK(WeightOf(profile, "BurnFirst") > 0);
  CHECK(WeightOf(profile, "BurnAfterwards") > 0);
}

TEST_CASE("preload library: a forked child is recorded when that is asked for, and else silent") {
  const Profile silent = Leave("fork", "%p.folded");
  CHECK(WeightOf(silent, "BurnFirst") > 0);
  CHECK(WeightOf(silent, "BurnInChild") == 0);
  const Profile followed = Leave("fork", "%p.folded", "STACKSAMPLER_FOLLOW=fork");
  CHECK(WeightOf(followed, "BurnFirst") > 0);
  CHECK(WeightOf(followed, "BurnInChild") > 0);
}

}  // namespace
}  // namespace stacksampler::tests
