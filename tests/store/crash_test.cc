// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: every acknowledged window is there, once.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include "store/gdbm_file.h"
#include "store/legacy_import.h"
#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

// A disk in memory would take thousands in the time that a real one takes a few dozen.
constexpr uint64_t kWindowsPerLife = 100;
constexpr std::array<const char*, 3> kHosts = {"a", "b", "c"};

// What the killed writers do.
struct Life {
  WriterOptions options;
  int64_t step_ns = kSecond;  // from one window's end to the next one's
  bool has_times = false;     // each window's weight in the middle of it

  [[nodiscard]] int64_t EndOf(uint64_t number) const {
    return kNoon + static_cast<int64_t>(number) * step_ns;
  }
};

Life LifeWith(const WriterOptions& options) {
  Life life;
  life.options = options;
  life.options.journal_grace = std::chrono::seconds(0);
  life.options.on_warning = [](const std::string&) {};
  return life;
}

Life SealingAfter(uint64_t journal_bytes) {
  WriterOptions options;
  options.max_journal_bytes = journal_bytes;
  return LifeWith(options);
}

// Each window is sealed, each fourth ends a day, and segments are kept for a day: most of the work
// is done in the background.
Life EndingDays() {
  WriterOptions options;
  options.min_journal_bytes = 0;
  options.keep_segments.age_ns = kDay;
  Life life = LifeWith(options);
  life.step_ns = 6 * kHour;
  return life;
}

void PutInTheMiddle(Window* window) {
  const Sample sample = window->profile.samples().front();
  window->bucket_ns = kSecond / 50;
  window->times = {{window->end_ns - kSecond / 2, sample.stack, sample.labels, sample.weight, 0}};
}

// Stores window after window, each host's ids going up by one, and says each number that is
// durable.
[[noreturn]] void WriteUntilKilled(const std::string& dir, const Life& life, uint64_t first,
                                   int acknowledgements) {
  const Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, life.options);
  if (!writer.ok()) _exit(2);
  for (uint64_t number = first; number < first + kWindowsPerLife; ++number) {
    Window window = SmallWindow(kHosts[number % kHosts.size()], number, life.EndOf(number));
    if (life.has_times) PutInTheMiddle(&window);
    if (!(*writer)->Append(window.record()).ok() || !(*writer)->Commit().ok()) _exit(3);
    if (write(acknowledgements, &number, sizeof number) != sizeof number) _exit(4);
  }
  for (;;) pause();
}

// Kills a writer `after` its start, or after its first acknowledgement: on a loaded machine a start
// takes long. The last number that it acknowledged; `first - 1` when none.
uint64_t WriteAndKill(const std::string& dir, const Life& life, uint64_t first,
                      std::chrono::microseconds after, bool lets_it_start) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    WriteUntilKilled(dir, life, first, ends[1]);
  }
  close(ends[1]);
  // The reading goes on meanwhile, so that the pipe never holds the child up.
  std::atomic<bool> started{!lets_it_start};
  std::thread killer([&] {
    while (!started) std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(after);
    kill(child, SIGKILL);
  });
  uint64_t last = first - 1;
  uint64_t number = 0;
  while (read(ends[0], &number, sizeof number) == sizeof number) {
    last = number;
    started = true;
  }
  started = true;
  killer.join();
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  return last;
}

// What came of many kills.
struct Killed {
  uint64_t acknowledged = 0;
  std::chrono::microseconds slowest_reopen{0};
};

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

// `next`: the first number that is not stored.
Killed KillAgainAndAgain(const std::string& dir, int kills, const Life& life, uint64_t seed,
                         uint64_t* next) {
  MustWrite(dir, {});
  std::mt19937_64 random(seed);
  *next = 1;
  Killed killed;
  for (int i = 0; i < kills; ++i) {
    const std::chrono::microseconds after(500 + random() % 30'000);
    const uint64_t acknowledged = WriteAndKill(dir, life, *next, after, i % 2 == 0);
    killed.acknowledged += acknowledged - (*next - 1);
    // One more may be there: stored, and killed before the word got out.
    const int64_t total = TotalAfterReopen(dir, life.options, &killed);
    REQUIRE(total >= static_cast<int64_t>(acknowledged));
    REQUIRE(total <= static_cast<int64_t>(acknowledged) + 1);
    *next = static_cast<uint64_t>(total) + 1;
  }
  CHECK(killed.acknowledged > 0);
  return killed;
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

constexpr int kPolls = 160;
constexpr int kPollsADay = 16;

// A database of the original collector: each poll counts 1 in each of two stacks.
void WriteLegacy(const std::string& path) {
  std::string entries;
  for (int poll = 0; poll < kPolls; ++poll) {
    const int64_t time_s = 1'700'000'000 + poll * (int64_t{86'400} / kPollsADay);
    entries += "web:" + std::to_string(poll % 3) + ":" + std::to_string(time_s) + ":1 ";
  }
  Result<GdbmFile> file = GdbmFile::Create(path);
  REQUIRE(file.ok());
  REQUIRE(file->Put("main;a", entries).ok());
  REQUIRE(file->Put("main;b c", entries).ok());
  REQUIRE(file->Finish().ok());
}

// True when the import came to its end before it was killed.
bool ImportAndKill(const std::string& from, const std::string& dir, const WriterOptions& options,
                   std::chrono::microseconds after) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ImportOptions import;
    import.writer = options;
    _exit(ImportLegacy(from, dir, import).ok() ? 0 : 1);
  }
  std::this_thread::sleep_for(after);
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return WIFEXITED(status);
}

// Answers with the number of kills.
int KillImports(int kills, uint64_t seed) {
  std::mt19937_64 random(seed);
  int killed = 0;
  for (int round = 0; killed < kills && round < kills; ++round) {
    const TempDir dir;
    WriteLegacy(dir.path("old"));
    MustWrite(dir.path("db"), {});
    const WriterOptions options = SealingAfter(1200).options;
    for (int i = 0; i < 8 && killed < kills; ++i) {
      const std::chrono::microseconds after(500 + random() % 20'000);
      if (ImportAndKill(dir.path("old"), dir.path("db"), options, after)) break;
      ++killed;
      // What is there so far is a part of it, each poll whole.
      REQUIRE(TotalWeight(dir.path("db")) <= 2 * kPolls);
      REQUIRE(TotalWeight(dir.path("db")) % 2 == 0);
    }
    ImportOptions import;
    import.writer = options;
    REQUIRE(ImportLegacy(dir.path("old"), dir.path("db"), import).ok());
    REQUIRE(TotalWeight(dir.path("db")) == 2 * kPolls);
    REQUIRE(MustRead(dir.path("db"))->Merge({})->records == kPolls);
  }
  return killed;
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
  const TempDir dir;
  const Life life = EndingDays();
  uint64_t next = 0;
  KillAgainAndAgain(dir.path(), 60, life, 21, &next);
  const auto reader = MustRead(dir.path());
  const int64_t last_day = life.EndOf(next - 1) - life.EndOf(next - 1) % kDay;
  for (int64_t day = kNoon - kNoon % kDay; day <= last_day; day += kDay) {
    int64_t stored = 0;
    for (uint64_t number = 1; number < next; ++number) {
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

TEST_CASE("Store: an import killed at any moment is taken up, and counts nothing twice") {
  CHECK(KillImports(40, 24) > 0);
}

// For scripts/stress: some minutes.
TEST_CASE("Store: thousands of kills", "[.stress]") {
  Killed all;
  int kills = 0;
  for (const uint64_t journal_bytes : {1200, 1, 1 << 20}) {
    for (uint64_t seed = 100; seed < 115; ++seed) {
      const Killed killed = KillSealing(100, journal_bytes, seed);
      kills += 100;
      all.acknowledged += killed.acknowledged;
      all.slowest_reopen = std::max(all.slowest_reopen, killed.slowest_reopen);
    }
  }
  for (uint64_t seed = 200; kills < 5000; ++seed) kills += KillImports(50, seed);
  std::printf("%d kills, %llu windows acknowledged, slowest reopening %.1f ms\n", kills,
              static_cast<unsigned long long>(all.acknowledged),
              static_cast<double>(all.slowest_reopen.count()) / 1000);
}

}  // namespace stacksampler::store
