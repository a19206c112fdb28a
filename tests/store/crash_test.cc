// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: every acknowledged window is there, once.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

WriterOptions SealingAfter(uint64_t journal_bytes) {
  WriterOptions options;
  options.max_journal_bytes = journal_bytes;
  options.journal_grace = std::chrono::seconds(0);
  options.on_warning = [](const std::string&) {};
  return options;
}

// Stores window after window, each host's ids going up by one, and says each number that is
// durable.
[[noreturn]] void WriteUntilKilled(const std::string& dir, const WriterOptions& options,
                                   uint64_t first, int acknowledgements) {
  const Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, options);
  if (!writer.ok()) _exit(2);
  for (uint64_t number = first; number < first + kWindowsPerLife; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number,
                                      kNoon + static_cast<int64_t>(number) * kSecond);
    if (!(*writer)->Append(window.record()).ok() || !(*writer)->Commit().ok()) _exit(3);
    if (write(acknowledgements, &number, sizeof number) != sizeof number) _exit(4);
  }
  for (;;) pause();
}

// The last number that a writer acknowledged before it was killed; `first - 1` when none.
uint64_t WriteAndKill(const std::string& dir, const WriterOptions& options, uint64_t first,
                      std::chrono::microseconds after) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    WriteUntilKilled(dir, options, first, ends[1]);
  }
  close(ends[1]);
  // The reading goes on meanwhile, so that the pipe never holds the child up.
  std::thread killer([&] {
    std::this_thread::sleep_for(after);
    kill(child, SIGKILL);
  });
  uint64_t last = first - 1;
  uint64_t number = 0;
  while (read(ends[0], &number, sizeof number) == sizeof number) last = number;
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

// Each number once: the ends are one second apart.
void CheckEachIsThereOnce(const std::string& dir, uint64_t end) {
  const auto reader = MustRead(dir);
  for (uint64_t number = 1; number < end; ++number) {
    Query query;
    query.from_ns = query.until_ns = kNoon + static_cast<int64_t>(number) * kSecond;
    REQUIRE(reader->Merge(query)->profile.TotalWeight() == 1);
  }
}

void CheckLastWindows(const std::string& dir, uint64_t end) {
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir, OptionsFor(&warnings));
  for (uint64_t number = end - 3; number < end; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number, kNoon);
    CHECK(writer->LastWindow(window.target)->id == number);
  }
}

Killed KillAgainAndAgain(int kills, const WriterOptions& options, uint64_t seed) {
  const TempDir dir;
  MustWrite(dir.path(), {});
  std::mt19937_64 random(seed);
  uint64_t next = 1;
  Killed killed;
  for (int i = 0; i < kills; ++i) {
    const std::chrono::microseconds after(500 + random() % 30'000);
    const uint64_t acknowledged = WriteAndKill(dir.path(), options, next, after);
    killed.acknowledged += acknowledged - (next - 1);
    // One more may be there: stored, and killed before the word got out.
    const int64_t total = TotalAfterReopen(dir.path(), options, &killed);
    REQUIRE(total >= static_cast<int64_t>(acknowledged));
    REQUIRE(total <= static_cast<int64_t>(acknowledged) + 1);
    next = static_cast<uint64_t>(total) + 1;
  }
  CheckEachIsThereOnce(dir.path(), next);
  if (next > 3) CheckLastWindows(dir.path(), next);
  CHECK(killed.acknowledged > 0);
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
    const WriterOptions options = SealingAfter(1200);
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
  KillAgainAndAgain(100, SealingAfter(1200), 21);  // a seal every twenty windows
}
TEST_CASE("Store: a writer killed while it seals, as it mostly does, loses and doubles nothing") {
  KillAgainAndAgain(100, SealingAfter(1), 22);
}
TEST_CASE("Store: a writer killed over a journal that grows loses and doubles nothing") {
  KillAgainAndAgain(70, SealingAfter(1 << 20), 23);
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
      const Killed killed = KillAgainAndAgain(100, SealingAfter(journal_bytes), seed);
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
