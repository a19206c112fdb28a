// SPDX-License-Identifier: MIT
#include <algorithm>
#include <fstream>
#include <utility>

#include "cpuprofile/run_tool.h"
#include "profile/file_format.h"
#include "stacksampler/version.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using tests::Outcome;
using tests::RunShell;
using tests::RunTool;
using tests::TemporaryFolder;

size_t Lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("cpuprofile: help fits one screen and shows an example, version names the version") {
  for (const char* command :
       {"--help", "record --help", "convert --help", "extract --help", "symbolize --help"}) {
    const Outcome help = RunTool(command);
    CHECK(help.exit_code == 0);
    CHECK(Lines(help.text) <= 24);
    CHECK(help.text.find("  cpuprofile ") != std::string::npos);
  }
  CHECK(RunTool("--version").text == "cpuprofile " STACKSAMPLER_VERSION_STRING "\n");
}

TEST_CASE("cpuprofile: wrong usage is one line on stderr and exit 2") {
  const TemporaryFolder folder;
  const std::string file = folder / "a.folded";
  std::ofstream(file) << "main 1\n";
  for (const std::string& command :
       {std::string(""), std::string("paint"), std::string("convert"), std::string("symbolize"),
        std::string("symbolize x --debug-dir"), std::string("record"),
        std::string("record --seconds 0 -- true"), std::string("record --interval 5 -- true"),
        std::string("record --interval 1us -- true"), std::string("record -o - -- true"),
        std::string("record --url http://localhost:1"),
        std::string("record --url x --seconds 1 -- y"), std::string("record --mode both -- true"),
        std::string("record --url http://localhost:1 --seconds 1 --mode wall"),
        std::string("record --url http://localhost:1 --seconds 1 --lines"),
        std::string("record --url ftp://x --seconds 1"), "convert --to png " + file,
        "convert --from svg " + file, "convert -o " + (folder / "a.json ") + file}) {
    const Outcome outcome = RunTool(command);
    INFO(command << ": " << outcome.text);
    CHECK(outcome.exit_code == 2);
    CHECK(Lines(outcome.text) == 1);
    CHECK(outcome.text.substr(0, 12) == "cpuprofile: ");
  }
}

TEST_CASE("cpuprofile: a failure is one line that names the thing, and exit 1") {
  const TemporaryFolder folder;
  for (const auto& [command, message] :
       {std::pair("convert /nowhere/x.pb",
                  "open /nowhere/x.pb: No such file or directory; check the name"),
        std::pair("convert /dev/null", "read /dev/null: empty; not a profile"),
        std::pair("record -o /nowhere/x.cpuprofile -- true",
                  "write /nowhere/x.cpuprofile: No such file or directory; pass another -o"),
        std::pair("record -o x.cpuprofile -- /nowhere/program",
                  "run /nowhere/program: no such program")}) {
    const Outcome outcome = RunShell(
        "cd " + folder.path() + "; " STACKSAMPLER_BIN_DIR "/cpuprofile " + std::string(command));
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.text == "cpuprofile: " + std::string(message) + "\n");
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("cpuprofile convert: goes between all formats, through pipes as well") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.folded") << "main;a b 4\nmain;c 1\n";
  const std::string tool = STACKSAMPLER_BIN_DIR "/cpuprofile";
  const Outcome outcome = RunShell("cd " + folder.path() + " && " + tool +
                                   " convert a.folded -o b.pb.gz 2>/dev/null && " + tool +
                                   " convert b.pb.gz -o c.cpuprofile 2>/dev/null && " + tool +
                                   " convert --to pprof c.cpuprofile | " + tool + " convert -");
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text == "main;a b 4\nmain;c 1\n");
}

// Each process hashes with a secret of its own: what is written in a table's order differs.
TEST_CASE("cpuprofile convert: writes the same bytes whatever secret the process drew") {
  const TemporaryFolder folder;
  {
    std::ofstream file(folder / "a.folded");
    for (int i = 0; i < 2000; ++i) {
      file << "thread " << i % 7 << ";f" << i % 50 << ";g" << i % 97 << ";h" << i << " 3\n";
    }
  }
  REQUIRE(RunTool("convert " + (folder / "a.folded") + " -o " + (folder / "a.pb.gz")).exit_code ==
          0);
  for (const char* format :
       {"folded", "pprof", "cpuprofile", "speedscope", "callgrind", "dot", "svg"}) {
    const std::string command = "convert --to " + std::string(format) + " -o - ";
    for (const char* input : {"a.folded", "a.pb.gz"}) {
      const Outcome first = RunTool(command + (folder / input));
      INFO(command << input);
      CHECK(first.exit_code == 0);
      for (int i = 0; i < 3; ++i) CHECK(RunTool(command + (folder / input)).text == first.text);
    }
  }
}

TEST_CASE("cpuprofile convert: says what it leaves out, and what order the stacks stand in") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.folded") << "main 1\nbad\n";
  const Outcome outcome =
      RunTool("convert " + (folder / "a.folded") + " -o " + (folder / "b.cpuprofile"));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text.find("a.folded: line 2: no space before a count: \"bad\"\n") !=
        std::string::npos);
  CHECK(outcome.text.find("heaviest first, not in order of time\n") != std::string::npos);
}

TEST_CASE("cpuprofile convert: asked for a thread of a file that names none, says so") {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.folded") << "main 1\n";
  const Outcome outcome = RunTool("convert " + (folder / "a.folded") + " --thread xz");
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.text ==
        "cpuprofile: no samples of a thread named xz; no sample has a thread's name, so --thread "
        "cannot tell them apart\n");
}

TEST_CASE("cpuprofile: an interval without a unit is told of the unit") {
  const Outcome bare = RunTool("record --interval 5 -- true");
  CHECK(bare.text == "cpuprofile: --interval 5: the unit is missing; write 5ms or 5s\n");
  const Outcome far = RunTool("record --interval 5us -- true");
  CHECK(far.text == "cpuprofile: --interval 5us: must be from 1ms to 10s\n");
  const Outcome wrong = RunTool("record --interval 5min -- true");
  CHECK(wrong.text == "cpuprofile: --interval 5min: must be a number with us, ms or s\n");
}

TEST_CASE("cpuprofile convert: says once what the axis means, and how much has no place on it") {
  const TemporaryFolder folder;
  Profile profile;
  profile.period_ns = 4000000;
  const StackId stack = profile.InternStack(0, profile.InternFrame("f"));
  for (int64_t tick = 1; tick <= 4; ++tick) {
    profile.AddTimedSample({tick * 4000000, stack, 0, 1, 4000000});
  }
  profile.AddSample(stack, 0, 7, 28000000);
  const auto add = [&](const char* name, int64_t weight) {
    const StackId id = profile.InternStack(0, profile.InternFrame(name));
    profile.AddSample(id, 0, weight, weight * 4000000);
  };
  add("[profiler]", 5);
  add("[unsampled]", 3);
  const std::string input = folder / "in.pb.gz";
  const auto convert = [&] {
    REQUIRE(WriteProfileFile(input, profile, FileFormat::kPprof).ok());
    return RunTool("convert --to cpuprofile " + input + " 2>&1 >/dev/null");
  };
  const std::string rest =
      "cpuprofile: -: 15 of its samples stand at its end, because nobody knows when they ran: "
      "5 [profiler] (the sampler's own work, most of it when it starts), 3 [unsampled] (CPU time "
      "in "
      "which no sample was taken), 7 whose moments were not kept\n";
  CHECK(convert().text == rest);
  for (int64_t tick = 1; tick <= 4; ++tick) {  // a second thread
    profile.AddTimedSample({tick * 4000000 + 1, stack, 0, 1, 4000000});
  }
  CHECK(convert().text ==
        "cpuprofile: -: threads ran at once, so its axis is CPU time; --thread NAME gives one of "
        "them with its true times\n" +
            rest);
}

}  // namespace
}  // namespace stacksampler
