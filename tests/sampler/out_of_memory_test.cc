// SPDX-License-Identifier: MIT
//
// Memory that ends at every allocation in turn: what a drain or a window had begun is done anew by
// the next, and no weight is lost or counted twice.
#include <unistd.h>

#include <csignal>
#include <functional>
#include <new>
#include <numeric>

#include "sampler/engine.h"
#include "support/catch.h"
#include "support/ending_memory.h"

namespace stacksampler::sampling {
namespace {

// `at` allocations succeed from here on, then one fails, and `at` is -1. The second try has memory.
void Insist(int* at, const std::function<void()>& step) {
  allocations_left = *at;
  try {
    step();
    *at = allocations_left;
    allocations_left = -1;
  } catch (const std::bad_alloc&) {
    *at = -1;
    step();
  }
}

int64_t SumOf(const std::vector<int64_t>& weights) {
  return std::accumulate(weights.begin(), weights.end(), int64_t{0});
}

struct Outcome {
  int64_t window = 0;
  int64_t since_start = 0;
  int64_t moments = 0;
  uint64_t lost = 0;
};

// Memory ends at allocation `at` of all that is counted and offered.
Outcome CountAndOffer(int at, bool* ended) {
  Readers readers(100, 0);
  ReaderOptions timeline;
  timeline.timeline = true;
  const ReaderId reader = readers.Open(timeline, 0);
  const ReaderId other = readers.Open({}, 0);
  Outcome outcome;
  for (CounterId counter = 0; counter < 40; ++counter) {
    Insist(&at, [&] { outcome.lost += readers.AddMoment(1, {counter, counter, 1}); });
    Insist(&at, [&] { readers.Add(1, 2 * counter, 2); });
    if (counter % 8 == 0) Insist(&at, [&] { readers.Offer(reader, counter); });
  }
  *ended = at < 0;
  const OfferedWindow window = readers.Offer(reader, 50);
  outcome.window = SumOf(window.weights);
  outcome.moments = static_cast<int64_t>(window.moments.size());
  CHECK(SumOf(readers.Offer(other, 50).weights) == outcome.window);
  ReaderOptions from_start;
  from_start.from_start = true;
  outcome.since_start = SumOf(readers.Offer(readers.Open(from_start, 50), 60).weights);
  return outcome;
}

// Of the one thread that is sampled.
ThreadSlot* SlotInUse() {
  for (auto& entry : slot_table) {
    ThreadSlot* slot = entry.load();
    if (slot == nullptr) break;
    if (slot->generation != 0) return slot;
  }
  return nullptr;
}

void WriteSamples(ThreadSlot* slot) {
  for (uintptr_t i = 0; i < 20; ++i) {
    const uintptr_t pcs[] = {0x1000 + i, 0x2000};
    SampleHeader header;
    header.weight = 3;
    header.depth = 2;
    slot->Count(header.weight, slot->ring.TryWrite(header, 0, pcs));
  }
}

// Two drains, whose memory ends at allocation `at`.
void DrainTwice(int at, bool* ended) {
  std::signal(SIGPROF, SIG_IGN);
  SamplerOptions options;
  options.interval = std::chrono::seconds(10);
  options.only_thread = gettid();
  Engine engine(options);
  REQUIRE(engine.ArmThreads().ok());
  ReaderOptions timeline;
  timeline.timeline = true;
  const ReaderId reader = engine.OpenReader(timeline);
  WriteSamples(SlotInUse());
  Insist(&at, [&] { engine.Drain(); });
  *ended = at < 0;
  engine.Drain();
  const SamplerStats stats = engine.Stats();
  CHECK(stats.delivered_weight == 60);
  CHECK(stats.recorded_weight + stats.dropped_ring_full_weight == 60);
  const auto window = engine.Offer(reader);
  REQUIRE(window.ok());
  int64_t sum = 0;
  for (const auto& entry : window->entries) sum += entry.weight;
  CHECK(sum == 60);
}

}  // namespace

TEST_CASE("OutOfMemory: no weight that is added or offered then is lost or counted twice") {
  bool ended = true;
  for (int at = 0; ended; ++at) {
    INFO("allocation " << at);
    const Outcome outcome = CountAndOffer(at, &ended);
    CHECK(outcome.window == 40 + 2 * 40);
    CHECK(outcome.since_start == outcome.window);
    CHECK(outcome.moments + static_cast<int64_t>(outcome.lost) == 40);
    REQUIRE(at < 1000);
  }
}

TEST_CASE("OutOfMemory: the next drain takes over what one left") {
  bool ended = true;
  int at = 0;
  for (; ended; ++at) {
    INFO("allocation " << at);
    DrainTwice(at, &ended);
    REQUIRE(at < 10'000);
  }
  CHECK(at > 20);
}

}  // namespace stacksampler::sampling
