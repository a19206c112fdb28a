// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <string>

#include "preload/recording.h"
#include "support/catch.h"

namespace stacksampler::tests {
namespace {

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("preload library: writes a file at the end, the first process alone") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.folded";
  const std::string variables = "STACKSAMPLER_OUTPUT=" + output;
  // The shell is the first process, and its child is not the writer.
  REQUIRE(RunPreloaded(variables, "sh -c '" + kLeaver + " return; exit 0'").exit_code == 0);
  CHECK(WeightOf(LoadProfile(output), "BurnFirst") == 0);
  REQUIRE(RunPreloaded(variables, kLeaver + " return").exit_code == 0);
  CHECK(WeightOf(LoadProfile(output), "BurnFirst") > 0);
}

TEST_CASE("preload library: without a word in the environment nothing is started") {
  CHECK(RunPreloaded("", "ls /proc/self/task | wc -l").text == "1\n");
}

TEST_CASE("preload library: without an address neither cpp-httplib nor OpenSSL is loaded") {
  const TemporaryFolder folder;
  const auto maps = [](const std::string& variables) {
    return RunPreloaded(variables, "cat /proc/self/maps").text;
  };
  const std::string without = maps("STACKSAMPLER_OUTPUT=" + (folder / "out.pb"));
  CHECK(Holds(without, "libstacksampler_preload.so"));
  for (const char* library : {"libstacksampler.so", "httplib", "libssl", "libcrypto", "libz."}) {
    CHECK_FALSE(Holds(without, library));
  }
  CHECK(Holds(maps("STACKSAMPLER_ADDR=127.0.0.1:26500..26600"), "httplib"));
}

TEST_CASE("preload library: a name that ends in .gz is a gzip file") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.folded.gz";
  REQUIRE(RunPreloaded("STACKSAMPLER_OUTPUT=" + output, kLeaver + " return").exit_code == 0);
  CHECK(WeightOf(LoadProfile(output), "BurnFirst") > 0);
  const Outcome unpacked = RunShell("gunzip < " + output);
  CHECK(unpacked.exit_code == 0);
  CHECK(Holds(unpacked.text, "BurnFirst"));
}

TEST_CASE("preload library: a window log whose folder is taken away ends without a word") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "logs");
  const Outcome deserted = RunPreloaded("STACKSAMPLER_OUTPUT=" + (folder / "logs/%p.windows"),
                                        "sh -c 'rm -r " + (folder / "logs") + "; exit 0'");
  CHECK(deserted.text.empty());
  CHECK(deserted.exit_code == 0);
  const Outcome mistaken =
      RunPreloaded("STACKSAMPLER_OUTPUT=" + (folder / "logs/%p.windows"), kLeaver + " return");
  CHECK(Holds(mistaken.text, "stacksampler: write " + (folder / "logs/")));
}

TEST_CASE("preload library: labels stand at every sample") {
  const TemporaryFolder folder;
  const std::string output = folder / "out.pb";
  REQUIRE(RunPreloaded("STACKSAMPLER_LABELS=service=web,zone=a STACKSAMPLER_OUTPUT=" + output,
                       kLeaver + " return")
              .exit_code == 0);
  const Profile profile = LoadProfile(output);
  REQUIRE_FALSE(profile.samples().empty());
  for (const Sample& sample : profile.samples()) {
    const Labels& labels = profile.label_sets()[sample.labels];
    CHECK(std::count(labels.begin(), labels.end(), Label("service", "web")) == 1);
    CHECK(std::count(labels.begin(), labels.end(), Label("zone", "a")) == 1);
    CHECK(labels.size() == 3);
  }
}

TEST_CASE("preload library: executed programs know nothing of it when they are not followed") {
  const TemporaryFolder folder;
  const std::string program = "sh -c 'echo \"[$LD_PRELOAD]\"; exec cat /proc/self/maps'";
  const std::string output = "STACKSAMPLER_OUTPUT=" + (folder / "%p.pb") + ' ';
  CHECK(Holds(RunPreloaded(output, program).text, "[/"));
  const std::string text = RunPreloaded(output + "STACKSAMPLER_FOLLOW=none", program).text;
  CHECK(text.find("[]\n") == 0);
  CHECK_FALSE(Holds(text, "libstacksampler"));
}

TEST_CASE("preload library: a wrong value is one clear line, and the program runs unharmed") {
  const TemporaryFolder folder;
  for (const std::string wrong :
       {"STACKSAMPLER_HZ=fast", "STACKSAMPLER_SECONDS=-1", "STACKSAMPLER_FOLLOW=all",
        "STACKSAMPLER_LABELS=web", "STACKSAMPLER_OUTPUT=out.svg", "STACKSAMPLER_ADDR=nowhere",
        "STACKSAMPLER_ADDR=unix:run/x", "STACKSAMPLER_ADDR=127.0.0.1:99999",
        "STACKSAMPLER_OUTPUT=/nowhere/out.pb"}) {
    const std::string output = "STACKSAMPLER_OUTPUT=" + (folder / "out.pb") + ' ';
    const Outcome program = RunPreloaded(output + wrong, "sh -c 'echo unharmed; exit 7' 2>&1");
    INFO(wrong << " gave: " << program.text);
    CHECK(program.exit_code == 7);
    CHECK(std::count(program.text.begin(), program.text.end(), '\n') == 2);
    CHECK(Holds(program.text, "stacksampler: "));
    // An output file that cannot be written is named by itself.
    const std::string variable = wrong.substr(0, wrong.find('='));
    CHECK((Holds(program.text, variable) || Holds(program.text, "/nowhere/out.pb")));
    CHECK(Holds(program.text, "unharmed\n"));
  }
}

}  // namespace
}  // namespace stacksampler::tests
