// SPDX-License-Identifier: MIT
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cpuprofile/run_tool.h"
#include "profile/file_format.h"
#include "profile/select.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::Outcome;
using tests::RunTool;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

const std::string kWhole = SPIN_DIR "/whole/libspin.so";
const std::string kStripped = SPIN_DIR "/stripped/libspin.so";
constexpr char kModule[] = "libspin.so";

Profile Load(const std::string& path) {
  Result<LoadedProfile> loaded = ReadProfileFile(path);
  REQUIRE(loaded.status().message() == "");
  return std::move(loaded->profile);
}

void Run(const std::string& command) {
  const Outcome outcome = RunTool(command);
  INFO(outcome.text);
  REQUIRE(outcome.exit_code == 0);
}

void Record(const std::string& library, const std::string& output) {
  Run("record -o " + output + " -- " STACKSAMPLER_BIN_DIR "/spinner " + library);
}

std::string ModuleOf(const Profile& profile, const Frame& frame) {
  return profile.String(profile.mappings()[frame.mapping].module);
}

// What the library's frames say: name, linker's name, and whether inlined; and the weight on each.
using Key = std::tuple<std::string, std::string, bool>;
std::map<Key, int64_t> LibraryFrames(const Profile& profile) {
  std::map<Key, int64_t> weights;
  for (const Sample& sample : profile.samples()) {
    for (const FrameId id : profile.StackFrames(sample.stack)) {
      const Frame& frame = profile.frames()[id];
      if (ModuleOf(profile, frame) != kModule) continue;
      weights[{profile.String(frame.name), profile.String(frame.mangled_name), frame.inlined}] +=
          sample.weight;
    }
  }
  return weights;
}

// Of the frames that hold some of the time; one sample may fall on a rare instruction.
std::set<Key> FrequentFrames(const Profile& profile) {
  std::set<Key> frames;
  for (const auto& [key, weight] : LibraryFrames(profile)) {
    if (weight >= 10) frames.insert(key);
  }
  return frames;
}

std::string BuildId(const Profile& profile) {
  for (const Mapping& mapping : profile.mappings()) {
    if (profile.String(mapping.module) == kModule) return profile.String(mapping.build_id);
  }
  return "";
}

TEST_CASE("cpuprofile symbolize: names a stripped library's frames as the whole one has them") {
  const TemporaryFolder folder;
  const std::string whole = folder / "whole.pb.gz";
  const std::string stripped = folder / "stripped.pb.gz";
  Record(kWhole, whole);
  Record(kStripped, stripped);
  const Profile before = Load(stripped);
  const std::string build_id = BuildId(before);
  REQUIRE(build_id.size() == 40);
  for (const auto& [name, linker_name, inlined] : FrequentFrames(before)) {
    CHECK((name == "spin_for" || name.rfind("[libspin.so+0x", 0) == 0));
  }

  const std::string place = folder / ("debug/.build-id/" + build_id.substr(0, 2));
  fs::create_directories(place);
  fs::copy_file(kWhole, place + '/' + build_id.substr(2) + ".debug");
  const std::string named = folder / "named.pb.gz";
  Run("symbolize " + stripped + " -o " + named + " --debug-dir " + (folder / "debug"));
  const Profile after = Load(named);
  const std::set<Key> expected = FrequentFrames(Load(whole));
  REQUIRE(expected.size() >= 3);
  CHECK(expected.count({"spin::(anonymous namespace)::Inlined", "", true}) +
            expected.count({"spin::(anonymous namespace)::Inlined",
                            "_ZN4spin12_GLOBAL__N_17InlinedEv", true}) ==
        1);
  CHECK(FrequentFrames(after) == expected);
  CHECK(after.TotalWeight() == before.TotalWeight());
  CHECK(after.TotalCpuNs() == before.TotalCpuNs());
  CHECK(after.timeline().size() == before.timeline().size());
}

TEST_CASE("cpuprofile symbolize: finds files by their own names, refuses those of another build") {
  const TemporaryFolder folder;
  const std::string stripped = folder / "stripped.pb.gz";
  Record(kStripped, stripped);
  const auto named = [&](const std::string& directory) {
    const Outcome outcome =
        RunTool("symbolize " + stripped + " --to folded --debug-dir " + directory);
    CHECK(outcome.exit_code == 0);
    return outcome.text.find("spin::(anonymous namespace)::Inlined") != std::string::npos;
  };
  CHECK(named(SPIN_DIR "/whole"));
  fs::create_directories(folder / "other");
  fs::copy_file(STACKSAMPLER_BIN_DIR "/spinner", folder / "other/libspin.so");
  CHECK_FALSE(named(folder / "other"));
  const Outcome told = RunTool("symbolize " + stripped + " -o " + (folder / "x.folded"));
  CHECK(told.text.find("no file found of libspin.so (build-id ") != std::string::npos);
}

}  // namespace
}  // namespace stacksampler
