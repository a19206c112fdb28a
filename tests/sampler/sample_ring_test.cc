// SPDX-License-Identifier: MIT
#include "sampler/handler/sample_ring.h"

#include <memory>
#include <thread>

#include "support/catch.h"

namespace stacksampler::sampling {
namespace {

constexpr size_t kRingBytes = 4096;

bool WriteNumbered(SampleRing* ring, uint32_t number, uint16_t depth) {
  SampleHeader header;
  header.weight = number;
  header.depth = depth;
  header.guessed = 7;
  header.truncated = number % 2 == 1;
  header.complete = number % 3 == 0;
  uintptr_t pcs[unwind::kMaxFrames];
  for (uint32_t i = 0; i < depth; ++i) pcs[i] = uint64_t{number} << 32 | i;
  return ring->TryWrite(header, uint64_t{number} * 1000, pcs);
}

bool IsNumbered(const RawSample& sample, uint32_t number, uint16_t depth) {
  bool same = sample.header.weight == number && sample.header.depth == depth &&
              sample.header.guessed == 7 && sample.header.truncated == (number % 2 == 1) &&
              sample.header.complete == (number % 3 == 0) &&
              sample.ticks == uint64_t{number} * 1000;
  for (uint32_t i = 0; same && i < depth; ++i) {
    same = sample.pcs[i] == (uint64_t{number} << 32 | i);
  }
  return same;
}

TEST_CASE("SampleRing: gives back what was written, around its end too") {
  SampleRing ring;
  REQUIRE(ring.Map(kRingBytes));
  const auto sample = std::make_unique<RawSample>();
  for (uint32_t number = 0; number < 1000; ++number) {
    const auto depth = static_cast<uint16_t>(number % (unwind::kMaxFrames + 1));
    REQUIRE(WriteNumbered(&ring, number, depth));
    REQUIRE(ring.Read(ring.head(), sample.get()));
    REQUIRE(IsNumbered(*sample, number, depth));
  }
  CHECK_FALSE(ring.Read(ring.head(), sample.get()));
  ring.Unmap();
}

TEST_CASE("SampleRing: refuses what does not fit, and writes nothing of it") {
  SampleRing ring;
  REQUIRE(ring.Map(kRingBytes));
  uint32_t written = 0;
  while (WriteNumbered(&ring, written, 30)) ++written;
  CHECK(written == kRingBytes / 8 / 32);
  const auto sample = std::make_unique<RawSample>();
  for (uint32_t number = 0; number < written; ++number) {
    REQUIRE(ring.Read(ring.head(), sample.get()));
    REQUIRE(IsNumbered(*sample, number, 30));
  }
  CHECK_FALSE(ring.Read(ring.head(), sample.get()));
  CHECK(WriteNumbered(&ring, 1, 30));
  ring.Unmap();
}

TEST_CASE("SampleRing: a reader beside the writer sees each record whole and in order") {
  SampleRing ring;
  REQUIRE(ring.Map(kRingBytes));
  constexpr uint32_t kRecords = 20'000;
  std::thread writer([&ring] {
    for (uint32_t number = 0; number < kRecords;) {
      if (WriteNumbered(&ring, number, static_cast<uint16_t>(number % 40))) {
        ++number;
      } else {
        std::this_thread::yield();
      }
    }
  });
  const auto sample = std::make_unique<RawSample>();
  uint32_t wrong = 0;
  for (uint32_t number = 0; number < kRecords;) {
    if (!ring.Read(ring.head(), sample.get())) {
      std::this_thread::yield();
      continue;
    }
    wrong += IsNumbered(*sample, number, static_cast<uint16_t>(number % 40)) ? 0 : 1;
    ++number;
  }
  writer.join();
  CHECK(wrong == 0);
  ring.Unmap();
}

}  // namespace
}  // namespace stacksampler::sampling
