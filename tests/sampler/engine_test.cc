// SPDX-License-Identifier: MIT
#include "sampler/engine.h"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <thread>

#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

// Of the one thread that is sampled.
ThreadSlot* SlotInUse() {
  for (auto& entry : slot_table) {
    ThreadSlot* slot = entry.load();
    if (slot == nullptr) break;
    if (slot->generation != 0) return slot;
  }
  return nullptr;
}

SamplerOptions ThisThreadOnly() {
  std::signal(SIGPROF, SIG_IGN);
  SamplerOptions options;
  options.interval = std::chrono::seconds(10);
  options.only_thread = gettid();
  return options;
}

void WriteSample(ThreadSlot* slot, uint32_t weight) {
  const uintptr_t pcs[] = {0x1000, 0x2000};
  SampleHeader header;
  header.weight = weight;
  header.depth = 2;
  slot->Count(weight, slot->ring.TryWrite(header, 0, pcs));
}

// The weight that a drain finds after it waited for a handler.
uint64_t DrainBesideHandler(uint32_t weight) {
  Engine engine(ThisThreadOnly());
  REQUIRE(engine.ArmThreads().ok());
  ThreadSlot* slot = SlotInUse();
  REQUIRE(slot != nullptr);
  slot->Enter();
  std::thread handler([slot, weight] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    WriteSample(slot, weight);
    slot->Leave();
  });
  REQUIRE(engine.DeleteTimers().ok());
  engine.AwaitHandlers();
  engine.Drain();
  handler.join();
  CHECK(engine.Stats().recorded_weight == engine.Stats().delivered_weight);
  return engine.Stats().delivered_weight;
}

TEST_CASE("Engine: the last drain waits for a handler that is still at work") {
  // The wait has an end, which a starved machine may reach before its other thread runs.
  uint64_t weight = 0;
  for (int i = 0; i < 20 && weight == 0; ++i) weight = DrainBesideHandler(3);
  CHECK(weight == 3);
}

TEST_CASE("Engine: a handler that somebody jumped out of does not keep it waiting for ever") {
  Engine engine(ThisThreadOnly());
  REQUIRE(engine.ArmThreads().ok());
  ThreadSlot* slot = SlotInUse();
  slot->Enter();
  engine.AwaitHandlers();
  engine.Drain();
  CHECK(engine.Stats().delivered_weight == 0);
  slot->Leave();
}

void UseCpuTime(int64_t ns) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
  };
  for (const int64_t end = now() + ns; now() < end;) {
  }
}

TEST_CASE("Engine: a thread whose handler runs does not pass for one that blocks the signal") {
  SamplerOptions options = ThisThreadOnly();
  options.interval = std::chrono::milliseconds(1);
  Engine engine(options);
  REQUIRE(engine.ArmThreads().ok());
  ThreadSlot* slot = SlotInUse();
  REQUIRE(slot != nullptr);
  sigset_t sigprof;
  sigemptyset(&sigprof);
  sigaddset(&sigprof, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &sigprof, nullptr);
  slot->Enter();
  for (int i = 0; i < 3; ++i) {
    UseCpuTime(100'000'000);
    engine.Drain();
  }
  CHECK(engine.deaf_thread().empty());
  slot->Leave();
  UseCpuTime(400'000'000);
  engine.Drain();
  CHECK(engine.deaf_thread().empty());
  engine.Drain();
  CHECK_FALSE(engine.deaf_thread().empty());
  REQUIRE(engine.DeleteTimers().ok());
  pthread_sigmask(SIG_UNBLOCK, &sigprof, nullptr);
}

}  // namespace
}  // namespace stacksampler::sampling
