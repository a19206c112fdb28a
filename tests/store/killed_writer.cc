// SPDX-License-Identifier: MIT
#include "store/killed_writer.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "store/faulty_calls.h"
#include "store/store_dir.h"
#include "support/catch.h"

namespace stacksampler::store {

namespace {

// A disk in memory would take thousands in the time that a real one takes a few dozen.
constexpr uint64_t kWindowsPerLife = 100;

Life LifeWith(const WriterOptions& options) {
  Life life;
  life.options = options;
  life.options.journal_grace = std::chrono::seconds(0);
  life.options.on_warning = [](const std::string&) {};
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

// A writer in a process of its own.
struct Writer {
  pid_t pid = -1;
  int acknowledgements = -1;
};

// `before`: what that process does first.
Writer StartWriter(const std::string& dir, const Life& life, uint64_t first,
                   const std::function<void()>& before) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    before();
    WriteUntilKilled(dir, life, first, ends[1]);
  }
  close(ends[1]);
  return {child, ends[0]};
}

}  // namespace

Life SealingAfter(uint64_t journal_bytes) {
  WriterOptions options;
  options.max_journal_bytes = journal_bytes;
  return LifeWith(options);
}

Life EndingDays() {
  WriterOptions options;
  options.min_journal_bytes = 0;
  options.keep_segments.age_ns = kDay;
  Life life = LifeWith(options);
  life.step_ns = 6 * kHour;
  return life;
}

void Point::Await() const {
  constexpr unsigned kMostSeconds = 120;
  DieAt(call, name_begins, number);
  alarm(kMostSeconds);
}

void CheckWasKilled(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
}

uint64_t WriteAndKill(const std::string& dir, const Life& life, uint64_t first,
                      std::chrono::microseconds after, bool lets_it_start) {
  const Writer writer = StartWriter(dir, life, first, [] {});
  // The reading goes on meanwhile, so that the pipe never holds the child up.
  std::atomic<bool> started{!lets_it_start};
  std::thread killer([&] {
    while (!started) std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(after);
    kill(writer.pid, SIGKILL);
  });
  uint64_t last = first - 1;
  uint64_t number = 0;
  while (read(writer.acknowledgements, &number, sizeof number) == sizeof number) {
    last = number;
    started = true;
  }
  started = true;
  killer.join();
  close(writer.acknowledgements);
  CheckWasKilled(writer.pid);
  return last;
}

uint64_t WriteUntil(const Point& point, const std::string& dir, const Life& life, uint64_t first) {
  const Writer writer = StartWriter(dir, life, first, [&] { point.Await(); });
  uint64_t last = first - 1;
  uint64_t number = 0;
  while (read(writer.acknowledgements, &number, sizeof number) == sizeof number) last = number;
  close(writer.acknowledgements);
  CheckWasKilled(writer.pid);
  return last;
}

void LeftBehind::Look(const std::string& dir) {
  const Result<Listing> listing = ListStore(dir);
  REQUIRE(listing.ok());
  for (const std::string& name : listing->unfinished) {
    segments += name[0] == 'h' ? 1 : 0;
    totals += name[0] == 'd' ? 1 : 0;
  }
  for (const DayStem& day : listing->days) {
    const auto count = std::count_if(listing->segments.begin(), listing->segments.end(),
                                     [&](const Stem& segment) { return day.Has(segment); });
    const bool is_half = count > 0 && count < static_cast<int64_t>(day.last - day.first + 1);
    half_days += is_half ? 1 : 0;
  }
}

}  // namespace stacksampler::store
