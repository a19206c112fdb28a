// SPDX-License-Identifier: MIT
#include "sampler/engine.h"

#include <unistd.h>

#include <csignal>
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

TEST_CASE("Engine: the last drain waits for a handler that is still at work") {
  Engine engine(ThisThreadOnly());
  REQUIRE(engine.ArmThreads().ok());
  ThreadSlot* slot = SlotInUse();
  REQUIRE(slot != nullptr);
  slot->Enter();
  std::thread handler([slot] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    WriteSample(slot, 3);
    slot->Leave();
  });
  REQUIRE(engine.DeleteTimers().ok());
  engine.AwaitHandlers();
  engine.Drain();
  handler.join();
  CHECK(engine.Stats().delivered_weight == 3);
  CHECK(engine.Stats().recorded_weight == 3);
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

}  // namespace
}  // namespace stacksampler::sampling
