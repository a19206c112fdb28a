// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: every acknowledged window is there, once.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>

#include "store/faulty_calls.h"
#include "store/killed_import.h"
#include "store/killed_writer.h"
#include "store/store_dir.h"
#include "support/catch.h"

namespace stacksampler::store {

namespace {

int64_t TotalAfterReopen(const std::string& dir, const WriterOptions& options, Killed* killed) {
  const auto before = std::chrono::steady_clock::now();
  MustWrite(dir, options);
  const int64_t total = TotalWeight(dir);
  killed->slowest_reopen =
      std::max(killed->slowest_reopen, std::chrono::duration_cast<std::chrono::microseconds>(
                                           std::chrono::steady_clock::now() - before));
  return total;
}

// Each number once: no two ends are the same.
void CheckEachIsThereOnce(const std::string& dir, const Life& life, uint64_t end) {
  const auto reader = MustRead(dir);
  for (uint64_t number = 1; number < end; ++number) {
    Query query;
    query.from_ns = query.until_ns = life.EndOf(number);
    REQUIRE(reader->Merge(query)->profile.TotalWeight() == 1);
  }
  if (!life.has_times) return;
  SampleTimesQuery times;
  times.until_ns = life.EndOf(end);
  REQUIRE(reader->SampleTimesOf(times)->profile.timeline().size() == end - 1);
  REQUIRE(reader->SampleTimesOf(times)->profile.TotalWeight() == static_cast<int64_t>(end) - 1);
}

void CheckLastWindows(const std::string& dir, uint64_t end) {
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir, OptionsFor(&warnings));
  for (uint64_t number = end - 3; number < end; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number, kNoon);
    CHECK(writer->LastWindows(window.target).at(0).id == number);
  }
}

// Opens the store after a kill, and moves `*next`, the first number that is not stored.
void TakeUp(const std::string& dir, const Life& life, uint64_t acknowledged, Killed* killed,
            uint64_t* next) {
  killed->kills += 1;
  killed->acknowledged += acknowledged - (*next - 1);
  killed->left.Look(dir);
  // One more may be there: stored, and killed before the word got out.
  const int64_t total = TotalAfterReopen(dir, life.options, killed);
  REQUIRE(total >= static_cast<int64_t>(acknowledged));
  REQUIRE(total <= static_cast<int64_t>(acknowledged) + 1);
  *next = static_cast<uint64_t>(total) + 1;
}

Killed KillAgainAndAgain(const std::string& dir, int kills, const Life& life, uint64_t seed,
                         uint64_t* next) {
  MustWrite(dir, {});
  std::mt19937_64 random(seed);
  *next = 1;
  Killed killed;
  for (int i = 0; i < kills; ++i) {
    const std::chrono::microseconds after(500 + random() % 30'000);
    TakeUp(dir, life, WriteAndKill(dir, life, *next, after, i % 2 == 0), &killed, next);
  }
  CHECK(killed.acknowledged > 0);
  return killed;
}

// Each day has what was stored of it, whether segments or its total tell.
void CheckDays(const std::string& dir, const Life& life, uint64_t end) {
  const auto reader = MustRead(dir);
  const int64_t last_day = life.EndOf(end - 1) - life.EndOf(end - 1) % kDay;
  for (int64_t day = kNoon - kNoon % kDay; day <= last_day; day += kDay) {
    int64_t stored = 0;
    for (uint64_t number = 1; number < end; ++number) {
      stored += life.EndOf(number) >= day && life.EndOf(number) < day + kDay ? 1 : 0;
    }
    Query query;
    query.from_ns = day;
    query.until_ns = day + kDay - 1;
    const Result<QueryResult> answer = reader->Merge(query);
    REQUIRE(answer->warnings.empty());
    REQUIRE(answer->profile.TotalWeight() == stored);
  }
}

Killed KillEndingDays(int kills, uint64_t seed, bool has_times) {
  const TempDir dir;
  Life life = EndingDays();
  life.has_times = has_times;
  uint64_t next = 0;
  const Killed killed = KillAgainAndAgain(dir.path(), kills, life, seed, &next);
  CheckDays(dir.path(), life, next);
  return killed;
}

// Where nothing is left to chance.
LeftBehind KillEndingDaysAt(const Point& point) {
  const TempDir dir;
  const Life life = EndingDays();
  MustWrite(dir.path(), {});
  uint64_t next = 1;
  Killed killed;
  TakeUp(dir.path(), life, WriteUntil(point, dir.path(), life, next), &killed, &next);
  CheckDays(dir.path(), life, next);
  return killed.left;
}

Killed KillSealing(int kills, uint64_t journal_bytes, uint64_t seed, bool has_times = false) {
  const TempDir dir;
  Life life = SealingAfter(journal_bytes);
  life.has_times = has_times;
  uint64_t next = 0;
  const Killed killed = KillAgainAndAgain(dir.path(), kills, life, seed, &next);
  CheckEachIsThereOnce(dir.path(), life, next);
  if (next > 3) CheckLastWindows(dir.path(), next);
  return killed;
}

// Appends to the open journal until it has about so many bytes. The windows' ids are behind 1000.
void FillJournal(StoreWriter* writer, uint64_t bytes, const std::string& dir) {
  std::mt19937_64 random(31);
  uint64_t written = 0;
  for (uint64_t id = 1001; written < bytes; ++id) {
    MustAppend(writer, RandomWindow(&random, id, kNoon + static_cast<int64_t>(id)));
    if (id % 64 != 0) continue;
    written = 0;
    for (const auto& file : std::filesystem::directory_iterator(dir)) {
      if (file.path().extension() == ".wal") written = std::max(written, file.file_size());
    }
  }
}

}  // namespace

TEST_CASE("Store: a writer killed at any moment loses and doubles nothing that it acknowledged") {
  KillSealing(100, 1200, 21, true);  // a seal every ten windows or so
}
TEST_CASE("Store: a writer killed while it seals, as it mostly does, loses and doubles nothing") {
  // Four stores: each reopening reads all segments, one a window.
  for (uint64_t seed = 22; seed < 26; ++seed) KillSealing(25, 1, seed);
}
TEST_CASE("Store: a writer killed over a journal that grows loses and doubles nothing") {
  KillSealing(70, 1 << 20, 23);
}
TEST_CASE("Store: a writer killed while days are summed up and segments go loses nothing either") {
  KillEndingDays(60, 21, false);
}
TEST_CASE("Store: a writer killed amid a segment, a day's total or a removal is taken up") {
  CHECK(KillEndingDaysAt({"rename", "h-", 9}).segments == 1);
  CHECK(KillEndingDaysAt({"rename", "d-", 2}).totals == 1);
  CHECK(KillEndingDaysAt({"unlink", "h-", 3}).half_days == 1);
}

TEST_CASE("Store: an import killed at any moment is taken up, and counts nothing twice") {
  CHECK(KillImports(40, 24).kills > 0);
}
TEST_CASE("Store: an import killed in its midst is taken up, and counts nothing twice") {
  CHECK(KillImportAt({"rename", "h-", 3}).half_imports == 1);
}

TEST_CASE("Store: a reopening reads its journal twice, and of the segments only the newest") {
  constexpr uint64_t kSegments = 12;
  constexpr uint64_t kJournalBytes = 300'000;
  constexpr uint64_t kSmallFiles = 4096;
  const TempDir dir;
  {
    std::mt19937_64 random(30);
    const auto writer = MustWrite(dir.path(), {});
    for (uint64_t id = 1; id <= kSegments; ++id) {
      MustAppend(writer.get(), RandomWindow(&random, id, kNoon));
      REQUIRE(writer->Seal().ok());
    }
    FillJournal(writer.get(), kJournalBytes, dir.path());
  }
  const Result<Listing> listing = ListStore(dir.path());
  REQUIRE(listing->segments.size() == kSegments);
  REQUIRE(listing->journals.size() == 1);
  const uint64_t journal = std::filesystem::file_size(dir.path(JournalName(listing->journals[0])));
  const uint64_t newest =
      std::filesystem::file_size(dir.path(SegmentName(listing->segments.back())));
  const CountedReads reads;
  MustWrite(dir.path(), {});
  CHECK(reads.bytes() >= journal);
  CHECK(reads.bytes() <= 2 * journal + newest + kSmallFiles);
}

// For scripts/stress: some minutes.
TEST_CASE("Store: thousands of kills", "[.stress]") {
  Killed all;
  for (const uint64_t journal_bytes : {1200, 1, 1 << 20}) {
    for (uint64_t seed = 100; seed < 110; ++seed) all.Add(KillSealing(100, journal_bytes, seed));
  }
  for (uint64_t seed = 300; seed < 325; ++seed) all.Add(KillEndingDays(60, seed, seed % 2 == 0));
  for (uint64_t seed = 200; all.kills < 5000; ++seed) all.Add(KillImports(50, seed));
  {
    const TempDir dir;
    WriterOptions options;
    FillJournal(MustWrite(dir.path(), options).get(), options.max_journal_bytes * 9 / 10,
                dir.path());
    TotalAfterReopen(dir.path(), options, &all);
  }
  std::printf(
      "%d kills, %llu windows acknowledged, slowest reopening %.1f ms; left behind: %d unfinished "
      "segments, %d unfinished totals, %d half removed days, %d half imports\n",
      all.kills, static_cast<unsigned long long>(all.acknowledged),
      static_cast<double>(all.slowest_reopen.count()) / 1000, all.left.segments, all.left.totals,
      all.left.half_days, all.left.half_imports);
  CHECK(all.slowest_reopen < std::chrono::seconds(1));
  CHECK(all.left.segments > 0);
  CHECK(all.left.totals > 0);
  CHECK(all.left.half_days > 0);
  CHECK(all.left.half_imports > 0);
}

}  // namespace stacksampler::store
