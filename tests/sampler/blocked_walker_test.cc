// SPDX-License-Identifier: MIT
//
// Threads that wait in a system call, walked from outside; what they return through is known.
#include "sampler/unwind/blocked_walker.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sampler/cpu_timer.h"
#include "sampler/unwind/tables.h"
#include "sampler/wait_watch.h"
#include "support/catch.h"
#include "support/plain_read.h"

// Found by name in the dynamic symbol table.
#define FOUND_BY_NAME extern "C" __attribute__((noipa, visibility("default")))
#define KEEPS_RBP __attribute__((optimize("no-omit-frame-pointer")))

FOUND_BY_NAME void block_leaf(int file);
FOUND_BY_NAME void block_deep(int file, int depth);
FOUND_BY_NAME void block_by_rbp(int file);
FOUND_BY_NAME void leave_traces(int n);
FOUND_BY_NAME void block_over_traces(int file);
FOUND_BY_NAME void raise_here();

void block_leaf(int file) {
  char byte = 0;
  while (stacksampler::tests::PlainRead(file, &byte, 1) != 1) {
  }
  asm volatile("");
}

void block_deep(int file, int depth) {
  if (depth == 0) {
    block_leaf(file);
  } else {
    block_deep(file, depth - 1);
  }
  asm volatile("");
}

KEEPS_RBP void block_by_rbp(int file) {
  char byte = 0;
  while (stacksampler::tests::PlainRead(file, &byte, 1) != 1) {
  }
  asm volatile("");
}

// What it leaves below its caller's frame looks like frames.
KEEPS_RBP void leave_traces(int n) {
  char room[64];
  asm volatile("" : : "r"(room) : "memory");
  if (n != 0) leave_traces(n - 1);
  asm volatile("");
}

KEEPS_RBP void block_over_traces(int file) {
  leave_traces(6);
  char room[256];
  asm volatile("" : : "r"(room) : "memory");
  while (stacksampler::tests::PlainRead(file, room, 1) != 1) {
  }
  asm volatile("");
}

namespace {
int handler_file = -1;
void BlockingHandler(int /*signal*/) { block_leaf(handler_file); }
}  // namespace

void raise_here() {
  raise(SIGUSR1);
  asm volatile("");
}

namespace stacksampler::sampling {
namespace {

// What the sampler sees of a thread that blocks in `block`.
RawSample Look(const std::function<void(int)>& block) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::atomic<pid_t> tid{0};
  std::thread thread([&] {
    tid = gettid();
    block(ends[0]);
  });
  unwind::RefreshTables();
  WaitWatch watch;
  REQUIRE(watch.Check().ok());
  RawSample sample;
  const auto in_read = [&] { return watch.Look(tid, *ThreadCpuNs(tid), &sample); };
  while (tid == 0 || in_read() != WaitWatch::Sight::kBlocked) std::this_thread::yield();
  // It may have been in another call before.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  while (in_read() != WaitWatch::Sight::kBlocked) std::this_thread::yield();
  REQUIRE(write(ends[1], "x", 1) == 1);
  thread.join();
  close(ends[0]);
  close(ends[1]);
  return sample;
}

std::vector<std::string> Names(const RawSample& sample) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < sample.header.depth; ++i) {
    Dl_info info{};
    const bool named = dladdr(reinterpret_cast<void*>(sample.pcs[i]), &info) != 0;
    names.emplace_back(named && info.dli_sname != nullptr ? info.dli_sname : "");
  }
  return names;
}

size_t CountOf(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<size_t>(std::count(names.begin(), names.end(), name));
}

TEST_CASE("WalkBlocked: reaches the root of a thread that waits") {
  const RawSample sample = Look([](int file) { block_deep(file, 5); });
  CHECK(sample.header.complete);
  CHECK(sample.header.guessed == 0);
  CHECK_FALSE(sample.header.truncated);
  CHECK(CountOf(Names(sample), "block_deep") == 6);
  CHECK(CountOf(Names(sample), "block_leaf") == 1);
}

TEST_CASE("WalkBlocked: a deep stack keeps both ends") {
  const RawSample sample = Look([](int file) { block_deep(file, 1000); });
  CHECK(sample.header.complete);
  CHECK(sample.header.truncated);
  CHECK(sample.header.depth == unwind::kMaxFrames);
  const std::vector<std::string> names = Names(sample);
  CHECK(CountOf(names, "block_leaf") == 1);
  CHECK(CountOf(names, "block_deep") < unwind::kMaxFrames);
  CHECK(names.back() != "block_deep");
}

TEST_CASE("WalkBlocked: a frame whose rbp nobody saved is found, once, and counted as guessed") {
  const RawSample sample = Look([](int file) { block_by_rbp(file); });
  CHECK(sample.header.complete);
  CHECK(sample.header.guessed == 1);
  CHECK(CountOf(Names(sample), "block_by_rbp") == 1);
}

TEST_CASE("WalkBlocked: traces of earlier calls are no frames") {
  const RawSample sample = Look([](int file) { block_over_traces(file); });
  CHECK(sample.header.complete);
  CHECK(sample.header.guessed == 1);
  CHECK(CountOf(Names(sample), "block_over_traces") == 1);
  CHECK(CountOf(Names(sample), "leave_traces") == 0);
}

TEST_CASE("WalkBlocked: goes through a signal's frame") {
  struct sigaction action {};
  action.sa_handler = BlockingHandler;
  sigaction(SIGUSR1, &action, nullptr);
  const RawSample sample = Look([](int file) {
    handler_file = file;
    raise_here();
  });
  CHECK(sample.header.complete);
  CHECK(CountOf(Names(sample), "block_leaf") == 1);
  CHECK(CountOf(Names(sample), "raise_here") == 1);
  std::signal(SIGUSR1, SIG_DFL);
}

TEST_CASE("WalkBlocked: whatever the two registers hold, it comes back") {
  unwind::RefreshTables();
  unwind::StackCopy copy;
  RawSample sample;
  const auto code = reinterpret_cast<uintptr_t>(&block_leaf);
  const auto here = reinterpret_cast<uintptr_t>(&copy);
  for (const uintptr_t pc : {uintptr_t{0}, uintptr_t{1}, code, code + 1, UINTPTR_MAX, here}) {
    for (const uintptr_t sp : {uintptr_t{0}, uintptr_t{8}, here, here + 1, UINTPTR_MAX - 7, code}) {
      unwind::Walk walk;
      walk.pcs = sample.pcs;
      unwind::WalkBlocked(pc, sp, &copy, &walk);
      CHECK(walk.depth >= 1);
      CHECK(walk.depth <= unwind::kMaxFrames);
    }
  }
}

TEST_CASE("WaitWatch: a thread that runs is not looked at") {
  std::atomic<bool> enough{false};
  std::atomic<pid_t> tid{0};
  std::thread thread([&] {
    tid = gettid();
    while (!enough) {
    }
  });
  while (tid == 0) std::this_thread::yield();
  WaitWatch watch;
  RawSample sample;
  for (int i = 0; i < 100; ++i) {
    CHECK(watch.Look(tid, ThreadCpuNs(tid).value_or(0), &sample) != WaitWatch::Sight::kBlocked);
  }
  enough = true;
  thread.join();
}

}  // namespace
}  // namespace stacksampler::sampling
