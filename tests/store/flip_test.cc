// SPDX-License-Identifier: MIT
//
// More than ten thousand flipped bits and cuts over every kind of file: answers are right or name
// the file, other files' windows stay, and a check tells of all that a reader would.
#include <filesystem>

#include "store/check.h"
#include "store/import_mark.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/repeats.h"

namespace stacksampler::store {
namespace {

constexpr uint64_t kRecords = 24;
constexpr uint64_t kRecordsOfAFile = 8;

// Two segments and a journal of eight records each, a journal that was set aside, an import's mark.
struct Fixture {
  TempDir dir;
  std::vector<Window> windows;
  int64_t timed_weight = 0;

  Fixture() {
    std::mt19937_64 random(19);
    WriterOptions options;
    options.journal_grace = std::chrono::seconds(0);
    const auto writer = MustWrite(dir.path(), options);
    for (uint64_t id = 1; id <= kRecords; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 60 * kSecond));
      if (id % 3 == 0) AddTimes(&random, kSecond / 50, &windows.back());
      for (const TimedSample& timed : windows.back().times) timed_weight += timed.weight;
      MustAppend(writer.get(), windows.back());
      if (id % kRecordsOfAFile == 0 && id < kRecords) REQUIRE(writer->Seal().ok());
    }
    REQUIRE(WriteImportMark(dir.path(), {"0123456789abcdef", {{"a:1", 1700000000}}}).ok());
  }
  void SetAJournalAside() const {
    WriteFile(dir.path("j-0000000000000000001-00000099.wal.damaged"),
              ReadFile(dir.path(Name('j'))));
  }
  [[nodiscard]] std::string Name(char letter) const {
    for (const std::string& name : FilesIn(dir.path())) {
      if (name[0] == letter && name.find("damaged") == std::string::npos) return name;
    }
    return "";
  }
};

std::string Spoil(std::mt19937_64* random, std::string bytes) {
  auto& next = *random;
  if (next() % 4 == 0) {
    bytes.resize(next() % bytes.size());
  } else {
    bytes[next() % bytes.size()] ^= static_cast<char>(1 << next() % 8);
  }
  return bytes;
}

void CheckTimes(const Fixture& store, const std::string& name) {
  SampleTimesQuery query;
  query.until_ns = kNoon + kDay;
  const Result<SampleTimes> times = MustRead(store.dir.path())->SampleTimesOf(query);
  REQUIRE(times.ok());
  const bool is_right = times->profile.TotalWeight() == store.timed_weight;
  CHECK((is_right || Mentions(times->warnings, name)));
}

// True when the answer is right and nothing was said of the file.
bool IsUnharmed(const Fixture& store, const std::string& name, const Query& query) {
  const Result<QueryResult> answer = MustRead(store.dir.path())->Merge(query);
  REQUIRE(answer.ok());
  const Recount expected = CountAgain(store.windows, query);
  const bool is_right =
      Flatten(answer->profile) == expected.samples && answer->records == expected.records;
  const bool is_named = Mentions(answer->warnings, name);
  CHECK((is_right || is_named));
  if (query.keep_labels && !query.matches.empty()) CheckTimes(store, name);
  if (query.matches.empty()) CHECK(answer->records >= kRecords - kRecordsOfAFile);
  return is_right && !is_named;
}

// A journal cut off between two records is what it was a moment earlier.
void CheckIsAnEarlierMoment(const Fixture& store) {
  const Result<QueryResult> answer = MustRead(store.dir.path())->Merge({});
  REQUIRE(answer.ok());
  REQUIRE(answer->records >= kRecords - kRecordsOfAFile);
  REQUIRE(answer->records <= kRecords);
  const auto end = store.windows.begin() + static_cast<ptrdiff_t>(answer->records);
  CHECK((Flatten(answer->profile) == CountAgain({store.windows.begin(), end}, {}).samples));
}

void SpoilOften(const Fixture& store, const std::string& name, uint64_t seed, int times) {
  const std::string path = store.dir.path(name);
  const std::string good = ReadFile(path);
  const bool is_journal = name == store.Name('j');
  std::mt19937_64 random(seed);
  for (int i = 0; i < Repeats(times); ++i) {
    const std::string bad = Spoil(&random, good);
    WriteFile(path, bad);
    if (is_journal && bad == good.substr(0, bad.size())) {
      CheckIsAnEarlierMoment(store);
      continue;
    }
    Query query;
    query.keep_labels = i % 2 == 0;
    if (i % 3 == 0) query.matches.push_back({"thread", "t1", false});
    INFO(name << ", damage " << i << ", " << bad.size() << " of " << good.size() << " bytes");
    const bool unharmed = IsUnharmed(store, name, query);
    const Result<CheckReport> report = CheckStore(store.dir.path());
    REQUIRE(report.ok());
    CHECK((unharmed || Mentions(report->problems, name)));
    CHECK(report->records >= kRecords - kRecordsOfAFile);
  }
}

}  // namespace

TEST_CASE("Flips: 2,500 in a segment") {
  const Fixture store;
  SpoilOften(store, store.Name('h'), 1, 2500);
}
TEST_CASE("Flips: 2,500 more in a segment") {
  const Fixture store;
  SpoilOften(store, store.Name('h'), 2, 2500);
}
TEST_CASE("Flips: 4,000 in a journal") {
  const Fixture store;
  SpoilOften(store, store.Name('j'), 3, 4000);
}
TEST_CASE("Flips: 500 in a journal that was set aside") {
  const Fixture store;
  store.SetAJournalAside();
  SpoilOften(store, "j-0000000000000000001-00000099.wal.damaged", 4, 500);
}
TEST_CASE("Flips: 500 in STORE and in an import's mark, each of them noticed") {
  const Fixture store;
  std::mt19937_64 random(5);
  for (const std::string& name : {std::string("STORE"), ImportMarkName("0123456789abcdef")}) {
    const std::string good = ReadFile(store.dir.path(name));
    for (int i = 0; i < 250; ++i) {
      WriteFile(store.dir.path(name), Spoil(&random, good));
      const Result<CheckReport> report = CheckStore(store.dir.path());
      REQUIRE(report.ok());
      CHECK(Mentions(report->problems, name));
      CHECK(report->records == kRecords);
      CHECK(OpenReader(store.dir.path()).ok() == (name != "STORE"));
    }
    WriteFile(store.dir.path(name), good);
  }
}

TEST_CASE("Flips: 500 in a day's total, each of them named, or without a consequence") {
  const TempDir dir;
  std::vector<Window> windows;
  {
    std::mt19937_64 random(20);
    WriterOptions options;
    options.journal_grace = std::chrono::seconds(0);
    const auto writer = MustWrite(dir.path(), options);
    for (uint64_t id = 1; id <= kRecords; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * kHour));
      MustAppend(writer.get(), windows.back());
      if (id % 4 == 0) REQUIRE(writer->Seal().ok());
    }
  }
  REQUIRE(CountFiles(dir.path(), 'd') == 1);
  std::string name;
  for (const std::string& file : FilesIn(dir.path())) name = file[0] == 'd' ? file : name;
  const std::string good = ReadFile(dir.path(name));
  std::mt19937_64 random(6);
  for (int i = 0; i < 500; ++i) {
    WriteFile(dir.path(name), Spoil(&random, good));
    INFO("damage " << i);
    Query query;
    query.keep_labels = i % 2 == 0;
    const Result<QueryResult> answer = MustRead(dir.path())->Merge(query);
    REQUIRE(answer.ok());
    const Recount expected = CountAgain(windows, query);
    const bool is_right =
        Flatten(answer->profile) == expected.samples && answer->records == expected.records;
    const bool is_named = Mentions(answer->warnings, name);
    CHECK((is_right || is_named));
    const Result<CheckReport> report = CheckStore(dir.path());
    REQUIRE(report.ok());
    CHECK(((is_right && !is_named) || Mentions(report->problems, name)));
    CHECK(report->records == kRecords);
  }
}

}  // namespace stacksampler::store
