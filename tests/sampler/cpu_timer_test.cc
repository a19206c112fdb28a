// SPDX-License-Identifier: MIT
#include "sampler/cpu_timer.h"

#include <memory>

#include "sampler/burn.h"
#include "sampler/proc_task.h"
#include "sampler/tick_clock.h"
#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

// Long enough for no test to reach it: no signal is sent.
constexpr std::chrono::seconds kNever{1000};

TEST_CASE("CpuTimer: knows a thread that ended, whoever has its number now") {
  auto burner = std::make_unique<Burner>("short");
  CpuTimer timer;
  REQUIRE(timer.Arm(burner->tid(), Ticket(0, 0), kNever, kNever).ok());
  CHECK(timer.armed());
  CHECK_FALSE(timer.ThreadIsGone());
  burner->Begin([] {});
  burner.reset();
  // The kernel lets go of a thread a moment after it was joined.
  for (int i = 0; i < 10'000 && !timer.ThreadIsGone(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(timer.ThreadIsGone());
  CHECK(timer.Delete().ok());
  CHECK_FALSE(timer.armed());
}

TEST_CASE("CpuTimer: names the thread for which the kernel has no timer") {
  CpuTimer timer;
  const Status status = timer.Arm(1, Ticket(0, 0), kNever, kNever);
  CHECK_FALSE(status.ok());
  CHECK(status.message().find("timer_create for thread 1") == 0);
  CHECK_FALSE(timer.armed());
}

TEST_CASE("ThreadCpuNs: reads another thread's CPU clock") {
  Burner burner("counted");
  const int64_t process_before = ProcessCpuNs();
  burner.Begin([] { burn_alpha(20'000'000); });
  const int64_t cpu = burner.Finish();
  CHECK(ThreadCpuNs(burner.tid()).value() >= cpu);
  CHECK(ProcessCpuNs() - process_before >= 20'000'000);
  CHECK(ThreadCpuNs(1) == std::nullopt);
}

TEST_CASE("Proc: lists a named thread, and the main stack") {
  Burner burner("a name");
  burner.Begin([] {});
  const auto tids = ListThreads();
  REQUIRE(tids.ok());
  CHECK(std::count(tids->begin(), tids->end(), burner.tid()) == 1);
  CHECK(ThreadName(burner.tid()) == "a name");
  CHECK(ThreadName(1).empty());
  int main_stacks = 0;
  int of_this_frame = 0;
  for (const MemoryRange& range : ReadableMemory()) {
    main_stacks += range.is_main_stack ? 1 : 0;
    const auto here = reinterpret_cast<uintptr_t>(&main_stacks);
    of_this_frame += range.start <= here && here < range.end ? 1 : 0;
  }
  CHECK(main_stacks == 1);
  CHECK(of_this_frame == 1);
}

TEST_CASE("TickClock: moments lie between two readings, in order") {
  TickClock clock;
  const int64_t before = clock.now_ns();
  const uint64_t early = __builtin_ia32_rdtsc();
  burn_alpha(2'000'000);
  const uint64_t late = __builtin_ia32_rdtsc();
  clock.Advance();
  CHECK(before <= clock.ToUnixNs(early));
  CHECK(clock.ToUnixNs(early) < clock.ToUnixNs(late));
  CHECK(clock.ToUnixNs(late) <= clock.now_ns());
  CHECK(clock.ToUnixNs(UINT64_MAX) == clock.now_ns());
  CHECK(clock.ToUnixNs(0) == before);
}

}  // namespace
}  // namespace stacksampler::sampling
