// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: every acknowledged window is there, once.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "store/profile_store.h"
#include "store/store_support.h"
#include "support/catch.h"

namespace stacksampler::store {
namespace {

constexpr int kKills = 80;
// A disk in memory would take thousands in the time that a real one takes a few dozen.
constexpr uint64_t kWindowsPerLife = 100;
constexpr std::array<const char*, 3> kHosts = {"a", "b", "c"};

// Stores window after window, each host's ids going up by one, and says each number that is
// durable.
[[noreturn]] void WriteUntilKilled(const std::string& dir, uint64_t first, int acknowledgements) {
  WriterOptions options;
  options.max_journal_bytes = 1200;  // a seal every twenty windows
  options.journal_grace = std::chrono::seconds(0);
  options.on_warning = [](const std::string&) {};
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
uint64_t WriteAndKill(const std::string& dir, uint64_t first, std::chrono::microseconds after) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    WriteUntilKilled(dir, first, ends[1]);
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

}  // namespace

TEST_CASE("Store: a writer killed at any moment loses and doubles nothing that it acknowledged") {
  const TempDir dir;
  MustWrite(dir.path(), {});
  std::mt19937_64 random(21);
  uint64_t next = 1;
  uint64_t acknowledged_in_all = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::chrono::microseconds after(500 + random() % 30'000);
    const uint64_t acknowledged = WriteAndKill(dir.path(), next, after);
    acknowledged_in_all += acknowledged - (next - 1);
    // One more may be there: stored, and killed before the word got out.
    const int64_t total = TotalWeight(dir.path());
    REQUIRE(total >= static_cast<int64_t>(acknowledged));
    REQUIRE(total <= static_cast<int64_t>(acknowledged) + 1);
    next = static_cast<uint64_t>(total) + 1;
  }
  // Each number once: the ends are one second apart.
  const auto reader = MustRead(dir.path());
  for (uint64_t number = 1; number < next; ++number) {
    Query query;
    query.from_ns = query.until_ns = kNoon + static_cast<int64_t>(number) * kSecond;
    REQUIRE(reader->Merge(query)->profile.TotalWeight() == 1);
  }
  std::vector<std::string> warnings;
  const auto writer = MustWrite(dir.path(), OptionsFor(&warnings));
  for (uint64_t number = next - 3; number < next; ++number) {
    const Window window = SmallWindow(kHosts[number % kHosts.size()], number, kNoon);
    CHECK(writer->LastWindow(window.target)->id == number);
  }
  CHECK(acknowledged_in_all > 0);
}

}  // namespace stacksampler::store
