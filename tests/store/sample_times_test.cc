// SPDX-License-Identifier: MIT
//
// Sample times, from a record to a question: through journal and segment, beside the weights.
#include <filesystem>

#include "store/check.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "store/time_cells.h"
#include "store/times_sums.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int64_t kBucketNs = 20'000'000;

std::vector<Window> TimedWindows(std::mt19937_64* random, uint64_t count) {
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= count; ++id) {
    windows.push_back(RandomWindow(random, id, kNoon + static_cast<int64_t>(id) * 240 * kSecond));
    // Every fourth from a target that gives none, and one from a collector told otherwise.
    if (id % 4 != 0) AddTimes(random, id % 5 == 0 ? 3 * kBucketNs : kBucketNs, &windows.back());
  }
  return windows;
}

void CheckTimes(const std::string& dir, const std::vector<Window>& windows,
                const SampleTimesQuery& query) {
  const Result<SampleTimes> times = MustRead(dir)->SampleTimesOf(query);
  REQUIRE(times.ok());
  CHECK(times->warnings.empty());
  CHECK((FlattenTimes(times->profile) == TimesAgain(windows, query)));
  int64_t timed = 0;
  for (const TimedSample& sample : times->profile.timeline()) timed += sample.weight;
  CHECK(times->profile.TotalWeight() == timed);
}

SampleTimesQuery Everything() {
  SampleTimesQuery query;
  query.until_ns = kNoon + kDay;
  return query;
}

void CheckManyQuestions(const std::string& dir, const std::vector<Window>& windows) {
  SampleTimesQuery query = Everything();
  CheckTimes(dir, windows, query);
  query.keep_labels = true;
  CheckTimes(dir, windows, query);
  query.matches = {{"host", "h1", false}, {"thread", "t2", true}};
  CheckTimes(dir, windows, query);
  query.matches.clear();
  for (const Window& window : windows) {  // ranges within windows, and across their ends
    query.from_ns = (window.start_ns + window.end_ns) / 2;
    query.until_ns = query.from_ns + 3 * kSecond;
    CheckTimes(dir, windows, query);
    query.from_ns = window.end_ns - kSecond;
    query.until_ns = window.end_ns + 200 * kSecond;
    CheckTimes(dir, windows, query);
  }
}

WriterOptions WithoutGrace() {
  WriterOptions options;
  options.journal_grace = std::chrono::seconds(0);
  return options;
}

}  // namespace

TEST_CASE("SampleTimes: journal, segment and both together answer what was appended") {
  const TempDir dir;
  std::mt19937_64 random(31);
  const std::vector<Window> windows = TimedWindows(&random, 12);
  {
    const auto writer = MustWrite(dir.path(), WithoutGrace());
    for (const Window& window : windows) MustAppend(writer.get(), window);
    CheckManyQuestions(dir.path(), windows);
  }
  {
    const auto writer = MustWrite(dir.path(), WithoutGrace());  // takes the journal up
    REQUIRE(writer->Seal().ok());
    CHECK(CountFiles(dir.path(), 'j') == 0);
    CheckManyQuestions(dir.path(), windows);
    std::vector<Window> more = windows;
    more.push_back(RandomWindow(&random, 13, kNoon + 13 * 240 * kSecond));
    AddTimes(&random, kBucketNs, &more.back());
    MustAppend(writer.get(), more.back());
    CheckManyQuestions(dir.path(), more);
  }
  CHECK(CheckStore(dir.path())->problems.empty());
}

TEST_CASE("SampleTimes: a copy of the directory has them as well") {
  const TempDir dir;
  std::mt19937_64 random(32);
  const std::vector<Window> windows = TimedWindows(&random, 6);
  const auto writer = MustWrite(dir.path("db"), WithoutGrace());
  for (const Window& window : windows) {
    MustAppend(writer.get(), window);
    if (window.ref.id == 3) REQUIRE(writer->Seal().ok());
  }
  std::filesystem::copy(dir.path("db"), dir.path("copy"));
  CheckTimes(dir.path("copy"), windows, Everything());
}

TEST_CASE("SampleTimes: they change no answer about weights") {
  const TempDir dir;
  std::mt19937_64 random(33);
  const std::vector<Window> windows = TimedWindows(&random, 12);
  const auto writer = MustWrite(dir.path(), WithoutGrace());
  for (const Window& window : windows) MustAppend(writer.get(), window);
  for (int sealed = 0; sealed < 2; ++sealed) {
    for (int i = 0; i < 20; ++i) {
      CheckAnswer(MustRead(dir.path()).get(), windows, RandomQuery(&random, 12 * 240 * kSecond));
    }
    REQUIRE(writer->Seal().ok());
  }
}

TEST_CASE(
    "SampleTimes: a window of hours is found for a second of it, days after it was summed up") {
  const TempDir dir;
  std::mt19937_64 random(34);
  std::vector<Window> windows = {RandomWindow(&random, 1, kNoon + 5 * kHour)};
  while (windows[0].profile.samples().size() < 5)
    windows[0] = RandomWindow(&random, 1, kNoon + 5 * kHour);
  windows[0].start_ns = kNoon;
  AddTimes(&random, kBucketNs, &windows[0]);
  REQUIRE_FALSE(windows[0].times.empty());
  windows.push_back(SmallWindow("web", 2, kNoon + 2 * kDay));
  WriterOptions options = WithoutGrace();
  options.min_journal_bytes = 0;
  const auto writer = MustWrite(dir.path(), options);
  for (const Window& window : windows) MustAppend(writer.get(), window);
  REQUIRE(writer->Seal().ok());
  REQUIRE(CountFiles(dir.path(), 'd') == 1);
  SampleTimesQuery query;
  query.from_ns = windows[0].times[0].time_ns - kBucketNs;
  query.until_ns = query.from_ns + kSecond;
  REQUIRE_FALSE(TimesAgain(windows, query).empty());
  CheckTimes(dir.path(), windows, query);
}

TEST_CASE("SampleTimes: a store without any has none to show, and says so without a warning") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), WithoutGrace());
  MustAppend(writer.get(), SmallWindow("web", 1, kNoon));
  REQUIRE(writer->Seal().ok());
  const Result<SampleTimes> times = MustRead(dir.path())->SampleTimesOf(Everything());
  REQUIRE(times.ok());
  CHECK(times->bucket_ns == 0);
  CHECK(times->profile.timeline().empty());
  CHECK(times->warnings.empty());
}

TEST_CASE("SampleTimes: a range that is none is refused") {
  const TempDir dir;
  MustWrite(dir.path(), {});
  SampleTimesQuery query;
  CHECK(MustRead(dir.path())->SampleTimesOf(query).status().code() == StatusCode::kInvalidArgument);
  query.from_ns = -1;
  query.until_ns = 1;
  CHECK(MustRead(dir.path())->SampleTimesOf(query).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("SampleTimes: a time far outside of the window is left out, its weight is not") {
  const TempDir dir;
  Window window = SmallWindow("web", 1, kNoon, 9);
  window.bucket_ns = kBucketNs;
  const Sample sample = window.profile.samples()[0];
  window.times = {{kNoon - kHour, sample.stack, sample.labels, 2, 0},
                  {kNoon - kSecond / 2, sample.stack, sample.labels, 3, 0},
                  {kNoon + kHour, sample.stack, sample.labels, 4, 0}};
  const auto writer = MustWrite(dir.path(), WithoutGrace());
  MustAppend(writer.get(), window);
  CHECK(TotalWeight(dir.path()) == 9);
  const Result<SampleTimes> times = MustRead(dir.path())->SampleTimesOf(Everything());
  REQUIRE(times.ok());
  CHECK(times->profile.TotalWeight() == 3);
  CHECK(times->bucket_ns == kBucketNs);
}

TEST_CASE("SampleTimes: a record whose buckets or times make no sense is refused") {
  const TempDir dir;
  const auto writer = MustWrite(dir.path(), WithoutGrace());
  Window window = SmallWindow("web", 1, kNoon);
  window.times = {{kNoon, 1, 0, 1, 0}};
  window.bucket_ns = kMinBucketNs - 1;
  CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
  window.bucket_ns = kMaxBucketNs + 1;
  CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
  window.bucket_ns = kBucketNs;
  window.times[0].stack = 77;
  CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
  window.times[0].stack = 1;
  window.times[0].weight = window.profile.TotalWeight() + 1;
  CHECK(writer->Append(window.record()).status().code() == StatusCode::kInvalidArgument);
  window.times[0].weight = 1;
  CHECK(writer->Append(window.record()).ok());
}

TEST_CASE("TimesSums: as many times as an answer may hold are answered, and one more is refused") {
  Profile vocabulary;
  const StackId stack = vocabulary.InternStack(0, vocabulary.InternFrame("main"));
  std::vector<TimeCell> cells;
  for (size_t i = 0; i < kMaxTimedSamples; ++i) cells.push_back({0, static_cast<int64_t>(i), 1});
  const std::string all = EncodeTimeCells(cells);
  SampleTimesQuery query;
  query.until_ns = INT64_MAX;
  const auto ask = [&](int repeats, int64_t longer_ns) {
    TimesSums sums(query, vocabulary);
    for (int i = 0; i < repeats; ++i) {
      CHECK(sums.AddCells(all, {stack}, 0, 1, kMinBucketNs + (i == 0 ? longer_ns : 0)));
    }
    return sums.Take();
  };
  CHECK(ask(1, 0)->profile.timeline().size() == kMaxTimedSamples);
  CHECK(ask(3, 0)->profile.timeline().size() == kMaxTimedSamples);
  CHECK(ask(2, 1).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("SampleTimes: a repair keeps them where they can be read, and else the weights") {
  const TempDir dir;
  std::mt19937_64 random(36);
  const std::vector<Window> windows = TimedWindows(&random, 8);
  {
    const auto writer = MustWrite(dir.path(), WithoutGrace());
    for (const Window& window : windows) MustAppend(writer.get(), window);
    REQUIRE(writer->Seal().ok());
  }
  const std::vector<std::string> names = FilesIn(dir.path());
  const auto segment = std::find_if(names.begin(), names.end(),
                                    [](const std::string& name) { return name[0] == 'h'; });
  REQUIRE(segment != names.end());
  const std::string good = ReadFile(dir.path(*segment));
  const auto break_value = [&](const std::string& key) {
    std::string bytes = good;
    const size_t at = bytes.rfind(key);
    REQUIRE(at != std::string::npos);
    bytes[at + key.size() + 14] = static_cast<char>(bytes[at + key.size() + 14] ^ 1);
    WriteFile(dir.path(*segment), bytes);
  };
  SECTION("of a total") {
    break_value("total");
    REQUIRE_FALSE(CheckStore(dir.path())->problems.empty());
    REQUIRE(RepairStore(dir.path()).ok());
    CheckManyQuestions(dir.path(), windows);
  }
  SECTION("of times") {
    break_value("times/0/");
    CHECK(Mentions(CheckStore(dir.path())->problems, "times/0/"));
    CHECK(Mentions(MustRead(dir.path())->SampleTimesOf(Everything())->warnings, "times/0/"));
    CHECK(Mentions(*RepairStore(dir.path()), "sample times of some of its records are lost"));
    CheckAnswer(MustRead(dir.path()).get(), windows, {});
    const Result<SampleTimes> times = MustRead(dir.path())->SampleTimesOf(Everything());
    CHECK(times->warnings.empty());
    CHECK(times->bucket_ns != 0);  // of the other targets
  }
}

TEST_CASE("TimeCells: what is encoded is decoded, and every cut or flipped byte is safe") {
  std::mt19937_64 random(37);
  std::vector<TimeCell> cells;
  for (int i = 0; i < 200; ++i) {
    cells.push_back({static_cast<StackId>(random() % 40), static_cast<int64_t>(random() % 3000),
                     static_cast<int64_t>(1 + random() % 5)});
  }
  SortAndCoalesce(&cells);
  const std::string bytes = EncodeTimeCells(cells);
  size_t next = 0;
  CHECK(ForEachTimeCell(bytes, 40, 3000, [&](StackId stack, int64_t bucket, int64_t weight) {
    const TimeCell& cell = cells[next++];
    return cell.stack == stack && cell.bucket == bucket && cell.weight == weight;
  }));
  CHECK(next == cells.size());
  for (int i = 0; i < 5000; ++i) {
    std::string bad = bytes;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    if (i % 3 == 0) bad.resize(random() % bad.size());
    bool in_bounds = true;
    (void)ForEachTimeCell(bad, 40, 3000, [&](StackId stack, int64_t bucket, int64_t weight) {
      in_bounds = in_bounds && stack < 40 && bucket >= 0 && bucket <= 3000 && weight >= 0;
      return true;
    });
    CHECK(in_bounds);
  }
}

}  // namespace stacksampler::store
