// SPDX-License-Identifier: MIT
//
// A range of a store as a file.
#include "cpuprofile/extract.h"
#include "base/time_phrase.h"
#include "cpuprofile/run_tool.h"
#include "profile/file_format.h"
#include "profile/select.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using store::kHour;
using store::kNoon;
using tests::Outcome;
using tests::RunTool;

// Hosts "a" and "b", a window each at noon and an hour later, of weights 1, 10, 100 and 1000.
struct FilledStore {
  store::TempDir dir;

  FilledStore() {
    const auto writer = store::MustWrite(Path(), {});
    store::MustAppend(writer.get(), store::SmallWindow("a", 1, kNoon, 1));
    store::MustAppend(writer.get(), store::SmallWindow("b", 1, kNoon, 10));
    store::MustAppend(writer.get(), store::SmallWindow("a", 2, kNoon + kHour, 100));
    store::MustAppend(writer.get(), store::SmallWindow("b", 2, kNoon + kHour, 1000));
    REQUIRE(writer->Seal().ok());
  }
  [[nodiscard]] std::string Path() const { return dir.path("db"); }
  [[nodiscard]] Outcome Extract(const std::string& words) const {
    return RunTool("extract --store " + Path() + " " + words);
  }
};

std::string Between(int64_t from_ns, int64_t until_ns) {
  return "--from " + FormatTime(from_ns) + " --until " + FormatTime(until_ns) + " ";
}
const std::string kAll = Between(kNoon - kHour, kNoon + 2 * kHour);

}  // namespace

TEST_CASE("cpuprofile extract: takes a range and the labels asked for, and keeps the labels") {
  const FilledStore store;
  CHECK(store.Extract(kAll).text == "main;work 1111\n");
  CHECK(store.Extract(Between(kNoon + 1, kNoon + kHour)).text == "main;work 1100\n");
  CHECK(store.Extract(kAll + "--label host=a").text == "main;work 101\n");
  CHECK(store.Extract(kAll + "--label 'host!=a'").text == "main;work 1010\n");
  CHECK(store.Extract(kAll + "--label host=a --label host=b").text == "main;work 1111\n");
  const std::string file = store.dir.path("b.pb.gz");
  const Outcome outcome = store.Extract(kAll + "--label host=b --thread t -o " + file);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.text == "cpuprofile: " + file + ": 1010 samples, 5.050 s of CPU time\n");
  const auto loaded = ReadProfileFile(file, std::nullopt);
  REQUIRE(loaded.ok());
  REQUIRE(loaded->profile.samples().size() == 1);
  const Labels& labels = loaded->profile.label_sets()[loaded->profile.samples()[0].labels];
  CHECK(LabelValue(labels, "host") == "b");
  CHECK(LabelValue(labels, "thread") == "t");
}

TEST_CASE("cpuprofile extract: days and times of day are those of --tz, UTC's without it") {
  const FilledStore store;
  const std::string noon = FormatTime(kNoon);
  const std::string words = "--until " + noon.substr(0, noon.size() - 1) + " --from -99years ";
  CHECK(store.Extract(words).text.find("main;work 11\n") != std::string::npos);
  CHECK(store.Extract(words + "--tz -01:00").text.find("main;work 1111\n") != std::string::npos);
  CHECK(store.Extract(words + "--tz +01:00").exit_code == 1);
}

TEST_CASE("cpuprofile extract: an empty answer is an error that says what is stored") {
  const FilledStore store;
  const Outcome empty = store.Extract(Between(kNoon + 1, kNoon + 2));
  CHECK(empty.exit_code == 1);
  CHECK(empty.text.find(store.Path() + ": no samples in this range") != std::string::npos);
  CHECK(empty.text.find(FormatTime(kNoon) + " to " + FormatTime(kNoon + kHour)) !=
        std::string::npos);
  const Outcome none = RunTool("extract --store " + store.dir.path("none"));
  CHECK(none.exit_code == 1);
  CHECK(none.text.find(store.dir.path("none")) != std::string::npos);
}

TEST_CASE("cpuprofile extract: a damaged file is named, the rest written, and the exit status 1") {
  const FilledStore store;
  const auto writer = store::MustWrite(store.Path(), {});
  store::MustAppend(writer.get(), store::SmallWindow("a", 3, kNoon + 2, 5));
  REQUIRE(writer->Seal().ok());
  std::string damaged;
  for (const std::string& name : store::FilesIn(store.Path())) {
    if (name[0] == 'h') damaged = name;
    if (name[0] == 'j') std::filesystem::remove(store.dir.path("db/" + name));
  }
  store::WriteFile(store.dir.path("db/" + damaged), "no segment");
  const Outcome outcome = store.Extract(kAll);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.text.find(damaged) != std::string::npos);
  CHECK(outcome.text.find("main;work 1111\n") != std::string::npos);
}

TEST_CASE("cpuprofile extract: words that do not fit are a wrong usage") {
  for (const char* words :
       {"extract", "extract --store x --from 1lightyear", "extract --store x --label host",
        "extract --store x --label =a", "extract --store x --tz ../../etc/passwd",
        "extract --store x --tz localtime", "extract --store x --label '!=a'",
        "extract --store clickhouse://", "extract --store http://localhost/db"}) {
    const Outcome outcome = RunTool(words);
    INFO(words << ": " << outcome.text);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.text.substr(0, 12) == "cpuprofile: ");
  }
}

}  // namespace stacksampler
