// SPDX-License-Identifier: MIT
//
// Totals of days, and what is removed when it is too old or too much.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "store/check.h"
#include "store/legacy_export.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kMidnight = kNoon + 12 * kHour;

// A window each two hours, sealed each; the first of day `day` ends an hour into it.
class Days {
 public:
  explicit Days(WriterOptions options = {}) {
    options.min_journal_bytes = 0;
    options.journal_grace = std::chrono::seconds(0);
    options.on_warning = [this](const std::string& line) { warnings.push_back(line); };
    options.on_removed = [this](const std::string& line) { removals.push_back(line); };
    writer = MustWrite(path(), options);
  }
  ~Days() { writer.reset(); }

  void Add(int days) {
    for (int i = 0; i < days * 12; ++i) {
      end_ns_ += 2 * kHour;
      windows.push_back(RandomWindow(&random_, ++id_, end_ns_));
      MustAppend(writer.get(), windows.back());
    }
    REQUIRE(writer->Seal().ok());
  }
  [[nodiscard]] std::string path() const { return dir_.path(); }
  [[nodiscard]] Query WholeDay(int day) const {
    Query query;
    query.from_ns = kMidnight + day * kDay;
    query.until_ns = query.from_ns + kDay - 1;
    return query;
  }
  // The first file of a kind.
  [[nodiscard]] std::string First(char letter) const {
    const std::vector<std::string> names = FilesIn(path());
    return dir_.path(*std::find_if(names.begin(), names.end(),
                                   [&](const std::string& name) { return name[0] == letter; }));
  }

  std::vector<std::string> warnings;
  std::vector<std::string> removals;
  std::vector<Window> windows;
  std::unique_ptr<StoreWriter> writer;

 private:
  TempDir dir_;
  std::mt19937_64 random_{9};
  uint64_t id_ = 0;
  int64_t end_ns_ = kMidnight - kHour;
};

}  // namespace

TEST_CASE("Days: a day that ended has a total, and a whole day is answered by it alone") {
  Days store;
  store.Add(3);
  CHECK(CountFiles(store.path(), 'h') == 36);
  CHECK(CountFiles(store.path(), 'd') == 2);
  for (const std::string& name : FilesIn(store.path())) {
    const bool first_day = name[0] == 'h' && name < "h-" + std::to_string(kMidnight + kDay);
    if (first_day) std::filesystem::remove(store.path() + "/" + name);
  }
  Query query = store.WholeDay(0);
  for (const bool keep_labels : {false, true}) {
    query.keep_labels = keep_labels;
    CheckAnswer(MustRead(store.path()).get(), store.windows, query);
    query.matches = {{"thread", "t1", keep_labels}};
    CheckAnswer(MustRead(store.path()).get(), store.windows, query);
  }
  CheckAnswer(MustRead(store.path()).get(), store.windows, {});
  CHECK(store.warnings.empty());
}

TEST_CASE("Days: a part of a day of which only the total is left is a warning, never silence") {
  WriterOptions options;
  options.keep_segments.age_ns = kDay;
  Days store(options);
  store.Add(4);
  CHECK(CountFiles(store.path(), 'd') == 3);
  CHECK(CountFiles(store.path(), 'h') == 24);
  CheckAnswer(MustRead(store.path()).get(), store.windows, {});
  Query part = store.WholeDay(0);
  part.until_ns -= 12 * kHour;
  const Result<QueryResult> answer = MustRead(store.path())->Merge(part);
  REQUIRE(answer->warnings.size() == 1);
  CHECK(answer->warnings[0].find("only the total is kept") != std::string::npos);
  CHECK(answer->records == 0);
  const auto volumes =
      MustRead(store.path())->Volumes({kMidnight, kMidnight + 2 * kDay, {}, kHour});
  REQUIRE(volumes.ok());
  CHECK(volumes->warnings.size() == 2);
  // A total never has them: whole days are no way out.
  const auto times = MustRead(store.path())->SampleTimesOf({kMidnight, kMidnight + kDay, {}});
  REQUIRE(times.ok());
  REQUIRE(times->warnings.size() == 1);
  CHECK(times->warnings[0].find("has no sample times") != std::string::npos);
}

TEST_CASE("Days: what is older than is kept goes, days' totals later than segments") {
  WriterOptions options;
  options.keep_segments.age_ns = 2 * kDay;
  options.keep_days.age_ns = 4 * kDay;
  Days store(options);
  store.Add(8);
  CHECK(CountFiles(store.path(), 'd') == 4);
  CHECK(CountFiles(store.path(), 'h') == 36);
  CHECK_FALSE(store.removals.empty());
  const auto extent = MustRead(store.path())->StoredExtent();
  CHECK(extent->first_ns == kMidnight + 3 * kDay + kHour);
  CHECK(extent->warnings.empty());
  Query rest;
  rest.from_ns = kMidnight + 3 * kDay;
  CheckAnswer(MustRead(store.path()).get(), store.windows, rest);
  // Nothing that went comes back.
  REQUIRE(store.writer->Seal().ok());
  CHECK(CountFiles(store.path(), 'd') == 4);
  CHECK(store.warnings.empty());
}

TEST_CASE("Days: what is more than is kept goes, oldest first, and the newest segment stays") {
  WriterOptions options;
  options.keep_segments.bytes = 1;
  options.keep_days.bytes = 1;
  Days store(options);
  store.Add(4);
  CHECK(CountFiles(store.path(), 'h') == 1);
  CHECK(CountFiles(store.path(), 'd') <= 1);
  // It knows what was stored, so that nothing is stored twice.
  CHECK_FALSE(*store.writer->Append(store.windows.back().record()));
}

TEST_CASE("Days: a store keeps below the bytes given, and what is not its own stays") {
  WriterOptions options;
  options.keep_segments.bytes = 60'000;
  Days store(options);
  const std::vector<std::string> foreign = {"h-1.gdbm", "notes.txt", "d-x.gdbm", "x.tmp"};
  for (const std::string& name : foreign) WriteFile(store.path() + "/" + name, "mine");
  store.Add(6);
  store.writer.reset();
  MustWrite(store.path(), {});
  uint64_t bytes = 0;
  for (const std::string& name : FilesIn(store.path())) {
    const bool ours = name.size() > 30 && name[0] == 'h';
    if (ours) bytes += std::filesystem::file_size(store.path() + "/" + name);
  }
  CHECK(bytes <= 60'000);
  CHECK(bytes > 10'000);
  for (const std::string& name : foreign) CHECK(ReadFile(store.path() + "/" + name) == "mine");
}

TEST_CASE("Days: a reader beside a store that expires never fails nor counts twice") {
  WriterOptions options;
  options.keep_segments.age_ns = kDay;
  Days store(options);
  std::atomic<bool> stop{false};
  std::vector<std::string> wrong;
  const auto reader = MustRead(store.path());  // here: Catch2 is for one thread
  std::thread reading([&] {
    int64_t last = 0;
    while (!stop) {
      const Result<QueryResult> answer = reader->Merge({});
      if (!answer.ok()) {
        wrong.push_back(answer.status().message());
        continue;
      }
      // All is kept in totals: sums only grow.
      if (answer->profile.TotalWeight() < last) wrong.emplace_back("something is missing");
      last = answer->profile.TotalWeight();
      for (const std::string& warning : answer->warnings) {
        // A record that is being written while its writer has no processor looks torn.
        if (warning.find("is not complete") == std::string::npos) wrong.push_back(warning);
      }
    }
  });
  store.Add(12);
  stop = true;
  reading.join();
  CHECK(wrong == std::vector<std::string>());
  CheckAnswer(MustRead(store.path()).get(), store.windows, {});
}

TEST_CASE(
    "Days: a journal that outlives its segment and its day's segments counts no second time") {
  WriterOptions options;
  options.keep_segments.age_ns = kDay;
  Days store(options);
  store.windows.push_back(SmallWindow("a", 1, kMidnight));
  MustAppend(store.writer.get(), store.windows.back());
  const std::string journal = store.First('j');
  const std::string bytes = ReadFile(journal);
  store.Add(5);
  REQUIRE(store.First('h') > store.path() + "/h-" + std::to_string(kMidnight + kDay));
  WriteFile(journal, bytes);
  CheckAnswer(MustRead(store.path()).get(), store.windows, {});
  std::vector<std::string> warnings;
  store.writer.reset();
  store.writer = MustWrite(store.path(), OptionsFor(&warnings));
  CheckAnswer(MustRead(store.path()).get(), store.windows, {});
}

TEST_CASE("Days: a damaged segment keeps out of its day's total, and stays named") {
  Days store;
  store.Add(1);
  WriteFile(store.First('h'), "no gdbm file");
  store.Add(1);
  const Result<QueryResult> answer = MustRead(store.path())->Merge({});
  REQUIRE(answer->warnings.size() == 1);
  CHECK(answer->warnings[0].find(store.First('h')) != std::string::npos);
  CHECK(answer->records == 23);
  CHECK(store.warnings.size() == 1);
  CHECK(MustRead(store.path())->StoredExtent()->warnings.size() == 1);
  CHECK(MustRead(store.path())->Series(INT64_MIN, INT64_MAX)->warnings.size() == 1);
}

TEST_CASE("Days: a damaged total is named, and its segments answer") {
  Days store;
  store.Add(2);
  WriteFile(store.First('d'), "no gdbm file");
  const Result<QueryResult> answer = MustRead(store.path())->Merge({});
  REQUIRE(answer->warnings.size() == 1);
  CHECK(answer->warnings[0].find(store.First('d')) != std::string::npos);
  CHECK((Flatten(answer->profile) == CountAgain(store.windows, {}).samples));
}

TEST_CASE("Days: check finds nothing wrong with totals, and names each byte of one that is") {
  Days store;
  store.Add(2);
  const Result<CheckReport> good = CheckStore(store.path());
  REQUIRE(good->problems.empty());
  CHECK(good->days == 1);
  const std::string day = store.First('d');
  std::string bytes = ReadFile(day);
  const size_t at = bytes.rfind("total");
  REQUIRE(at != std::string::npos);
  bytes[at + 6] = static_cast<char>(bytes[at + 6] ^ 1);
  WriteFile(day, bytes);
  const Result<CheckReport> bad = CheckStore(store.path());
  REQUIRE(bad->problems.size() == 1);
  CHECK(bad->problems[0].find(day) != std::string::npos);
}

TEST_CASE("Days: repair removes a damaged total whose segments are there, and leaves another") {
  for (const bool segments_are_there : {true, false}) {
    WriterOptions options;
    if (!segments_are_there) options.keep_segments.age_ns = kDay;
    Days store(options);
    store.Add(4);
    store.writer.reset();
    const std::string day = store.First('d');
    WriteFile(day, "no gdbm file");
    const Result<std::vector<std::string>> done = RepairStore(store.path());
    REQUIRE(done->size() == 1);
    CHECK((*done)[0].find(day) != std::string::npos);
    // Its writer has made it anew meanwhile, where it could.
    CHECK(CheckStore(store.path())->problems.empty() == segments_are_there);
    const Result<QueryResult> answer = MustRead(store.path())->Merge({});
    CHECK(answer->warnings.empty() == segments_are_there);
    CHECK((answer->records == store.windows.size()) == segments_are_there);
  }
}

TEST_CASE("Days: an export says which days are left as totals alone") {
  WriterOptions options;
  options.keep_segments.age_ns = kDay;
  Days store(options);
  store.Add(4);
  store.writer.reset();
  const TempDir to;
  const Result<ExportSummary> summary = ExportLegacy(store.path(), to.path("old.gdbm"), {});
  REQUIRE(summary.ok());
  REQUIRE(!summary->warnings.empty());
  CHECK(summary->warnings[0].find(store.First('d')) != std::string::npos);
}

}  // namespace stacksampler::store
