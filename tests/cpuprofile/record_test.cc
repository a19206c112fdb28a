// SPDX-License-Identifier: MIT
#include <algorithm>
#include <fstream>

#include "cpuprofile/run_tool.h"
#include "profile/file_format.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::Outcome;
using tests::RunTool;
using tests::TemporaryFolder;

const std::string kTool = STACKSAMPLER_BIN_DIR "/cpuprofile";
const std::string kBurner = STACKSAMPLER_BIN_DIR "/burner";

Profile Load(const std::string& path) {
  Result<LoadedProfile> loaded = ReadProfileFile(path);
  REQUIRE(loaded.status().message() == "");
  return std::move(loaded->profile);
}

bool Holds(const Profile& profile, StackId stack, const std::string& function) {
  const std::vector<FrameId> frames = profile.StackFrames(stack);
  return std::any_of(frames.begin(), frames.end(),
                     [&](FrameId frame) { return profile.FrameName(frame) == function; });
}

int64_t WeightOf(const Profile& profile, const std::string& function) {
  int64_t weight = 0;
  for (const Sample& sample : profile.samples()) {
    if (Holds(profile, sample.stack, function)) weight += sample.weight;
  }
  return weight;
}

TEST_CASE("cpuprofile record: shares and order of a program that knows nothing of it") {
  const TemporaryFolder folder;
  // pprof keeps apart what has no moment, which says nothing of the order.
  const std::string output = folder / "out.pb.gz";
  const Outcome outcome = RunTool("record -o " + output + " -- " + kBurner);
  INFO(outcome.text);
  REQUIRE(outcome.exit_code == 0);
  const Profile profile = Load(output);
  const auto three = static_cast<double>(WeightOf(profile, "BurnThree"));
  const auto one = static_cast<double>(WeightOf(profile, "BurnOne"));
  CHECK(three / one > 2);
  CHECK(three / one < 4.5);
  CHECK(three + one > 800);  // 1.6 s of CPU time at one sample per millisecond
  size_t last_three = 0;
  size_t first_one = SIZE_MAX;
  for (size_t i = 0; i < profile.timeline().size(); ++i) {
    if (Holds(profile, profile.timeline()[i].stack, "BurnThree")) last_three = i;
    if (Holds(profile, profile.timeline()[i].stack, "BurnOne")) first_one = std::min(first_one, i);
  }
  CHECK(last_three < first_one);
}

TEST_CASE("cpuprofile record: keeps one thread when asked, and names the others") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.folded";
  REQUIRE(RunTool("record -o " + output + " --thread worker -- " + kBurner + " thread").exit_code ==
          0);
  CHECK(WeightOf(Load(output), "BurnOne") > 0);
  CHECK(WeightOf(Load(output), "BurnThree") == 0);
  const Outcome none =
      RunTool("record -o " + output + " --thread nobody -- " + kBurner + " thread");
  CHECK(none.exit_code == 1);
  CHECK(none.text.find("there are: ") != std::string::npos);
  CHECK(none.text.find("worker") != std::string::npos);
}

TEST_CASE("cpuprofile record: after --seconds the file is there while the program goes on") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.pb.gz";
  // This burner ends only when it sees the file.
  const Outcome outcome =
      RunTool("record --seconds 1 -o " + output + " -- " + kBurner + " until " + output);
  CHECK(outcome.exit_code == 7);  // the burner's own
  CHECK(outcome.text.find("goes on; waiting for its end\n") != std::string::npos);
  CHECK(outcome.text.find("exited with status 7\n") != std::string::npos);
  CHECK(WeightOf(Load(output), "BurnOne") > 0);
}

TEST_CASE("cpuprofile record: --mode says whether waiting is recorded, whatever the environment") {
  const TemporaryFolder folder;
  std::ofstream(folder / "script")
      << "#!/bin/sh\nexec " + kBurner + " waiting \"$(dirname \"$STACKSAMPLER_OUTPUT\")\"\n";
  std::filesystem::permissions(folder / "script", std::filesystem::perms::owner_all);
  for (const std::string mode : {"cpu", "wall"}) {
    const std::string other = mode == "cpu" ? "wall" : "cpu";
    const std::string output = folder / (mode + ".pb.gz");
    const Outcome outcome =
        tests::RunShell("STACKSAMPLER_MODE=" + other + ' ' + kTool + " record --mode " + mode +
                        " -o " + output + " -- " + (folder / "script"));
    INFO(outcome.text);
    REQUIRE(outcome.exit_code == 0);
    CHECK((WeightOf(Load(output), "WaitThere") > 0) == (mode == "wall"));
    CHECK(WeightOf(Load(output), "BurnOne") > 0);
  }
}

TEST_CASE("cpuprofile record: a program that is killed leaves what it did before") {
  const TemporaryFolder folder;
  std::ofstream(folder / "script")
      << "#!/bin/sh\nexec " + kBurner + " killed \"$(dirname \"$STACKSAMPLER_OUTPUT\")\"\n";
  std::filesystem::permissions(folder / "script", std::filesystem::perms::owner_all);
  const std::string output = folder / "out.cpuprofile";
  const Outcome outcome = RunTool("record -o " + output + " -- " + (folder / "script"));
  CHECK(outcome.exit_code == 128 + 9);
  CHECK(outcome.text.find("was ended by signal 9 (Killed)\n") != std::string::npos);
  CHECK(WeightOf(Load(output), "BurnOne") > 0);
}

TEST_CASE("cpuprofile record: a recording that is cut off is told of, and the rest is kept") {
  const TemporaryFolder folder;
  std::ofstream(folder / "script")
      << "#!/bin/sh\nprintf '\\377\\0\\0' > \"$(dirname \"$STACKSAMPLER_OUTPUT\")/0.windows\"\n"
      << "exec " + kBurner + '\n';
  std::filesystem::permissions(folder / "script", std::filesystem::perms::owner_all);
  const std::string output = folder / "out.folded";
  const Outcome outcome = RunTool("record -o " + output + " -- " + (folder / "script"));
  INFO(outcome.text);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text.find("ends in the middle of a window") != std::string::npos);
  CHECK(WeightOf(Load(output), "BurnThree") > 0);
}

TEST_CASE("cpuprofile record: programs that the program runs are recorded, too") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.folded";
  const Outcome outcome = RunTool("record -o " + output + " -- sh -c '" + kBurner + "; exit 0'");
  CHECK(outcome.exit_code == 0);
  CHECK(WeightOf(Load(output), "BurnThree") > 0);
}

TEST_CASE("cpuprofile record: the program's own options and dashes reach it") {
  const TemporaryFolder folder;
  const std::string print = " sh -c 'echo \"$@\"' name -o x -- --seconds";
  for (const std::string& command : {"--" + print, print}) {
    const Outcome outcome = RunTool("record -o " + (folder / "out.folded") + ' ' + command);
    INFO(outcome.text);
    CHECK(outcome.text.find("-o x -- --seconds\n") == 0);
  }
}

}  // namespace
}  // namespace stacksampler
