// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: every acknowledged window is there, once.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

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
  int kills = 0;

  [[nodiscard]] int64_t EndOf(uint64_t number) const {
    return kNoon + static_cast<int64_t>(number) * step_ns;
  }
};

Life SealingOften() {
  Life life;
  life.options.max_journal_bytes = 1200;  // a seal every twenty windows
  life.kills = 80;
  return life;
}

// Each window is sealed, each fourth ends a day, and segments are kept for a day: most of the work
// is done in the background.
Life EndingDays() {
  Life life;
  life.options.min_journal_bytes = 0;
  life.options.keep_segments.age_ns = kDay;
  life.step_ns = 6 * kHour;
  life.kills = 60;
  return life;
}

// Stores window after window, each host's ids going up by one, and says each number that is
// durable.
[[noreturn]] void WriteUntilKilled(const std::string& dir, const Life& life, uint64_t first,
                                   int acknowledgements) {
  WriterOptions options = life.options;
  options.journal_grace = std::chrono::seconds(0);
  options.on_warning = [](const std::string&) {};
  const Result<std::unique_ptr<StoreWriter>> writer = OpenWriter(dir, options);
  if (!writer.ok()) _exit(2);
  for (uint64_t number = first; number < first + kWindowsPerLife; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number, life.EndOf(number));
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

// Lives and deaths of writers; the number that was not stored yet.
uint64_t WriteAndKillOften(const std::string& dir, const Life& life) {
  MustWrite(dir, {});
  std::mt19937_64 random(21);
  uint64_t next = 1;
  uint64_t acknowledged_in_all = 0;
  for (int i = 0; i < life.kills; ++i) {
    const std::chrono::microseconds after(500 + random() % 30'000);
    const uint64_t acknowledged = WriteAndKill(dir, life, next, after, i % 2 == 0);
    acknowledged_in_all += acknowledged - (next - 1);
    // One more may be there: stored, and killed before the word got out.
    const int64_t total = TotalWeight(dir);
    REQUIRE(total >= static_cast<int64_t>(acknowledged));
    REQUIRE(total <= static_cast<int64_t>(acknowledged) + 1);
    next = static_cast<uint64_t>(total) + 1;
  }
  CHECK(acknowledged_in_all > 0);
  return next;
}

}  // namespace

TEST_CASE("Store: a writer killed at any moment loses and doubles nothing that it acknowledged") {
  const TempDir dir;
  const Life life = SealingOften();
  const uint64_t next = WriteAndKillOften(dir.path(), life);
  // Each number once: no two ends are the same.
  const auto reader = MustRead(dir.path());
  for (uint64_t number = 1; number < next; ++number) {
    Query query;
    query.from_ns = query.until_ns = life.EndOf(number);
    REQUIRE(reader->Merge(query)->profile.TotalWeight() == 1);
  }
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (uint64_t number = next - 3; number < next; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number, kNoon);
    CHECK(writer->LastWindow(window.target)->id == number);
  }
}

TEST_CASE("Store: a writer killed while days are summed up and segments go loses nothing either") {
  const TempDir dir;
  const Life life = EndingDays();
  const uint64_t next = WriteAndKillOften(dir.path(), life);
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

}  // namespace stacksampler::store
