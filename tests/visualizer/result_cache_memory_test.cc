// SPDX-License-Identifier: MIT
//
// Memory that ends at every allocation of a question in turn: the cache agrees with itself, and all
// who wait are answered.
#include <atomic>
#include <new>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/ending_memory.h"
#include "visualizer/result_cache.h"

namespace stacksampler::visualizer {
namespace {

constexpr size_t kMaxBytes = 80;
constexpr int kMoreThanAllocated = 40;

std::string LongKey(int number) { return std::string(40, 'k') + std::to_string(number); }

ResultCache::Make Makes(const std::string& key, size_t bytes) {
  return [=]() -> Result<ResultCache::Made> {
    return ResultCache::Made{key, std::make_shared<const int>(1), bytes};
  };
}

// True when memory ended in it, or in a part of it that went on without.
bool EndsIn(ResultCache* cache, const std::string& key, const ResultCache::Make& make, int at) {
  allocations_left = at;
  try {
    (void)cache->Get(key, make);
  } catch (const std::bad_alloc&) {
  }
  const bool ended = allocations_left == -1;
  allocations_left = -1;
  return ended;
}

}  // namespace

TEST_CASE("Result cache: memory that ends while something is kept leaves bytes that are right") {
  bool ended = true;
  int at = 0;
  for (; ended; ++at) {
    INFO("allocation " << at);
    REQUIRE(at < kMoreThanAllocated);
    ResultCache cache(kMaxBytes);
    for (int i = 0; i < 4; ++i) (void)cache.Get(LongKey(i), Makes(LongKey(i), 20));
    ended = EndsIn(&cache, LongKey(9), Makes(LongKey(9), 60), at);
    CHECK(cache.bytes() <= kMaxBytes);
    // Goes through all that is kept, and drops it.
    for (int i = 10; i < 18; ++i) (void)cache.Get(LongKey(i), Makes(LongKey(i), 10));
    CHECK(cache.bytes() == kMaxBytes);
  }
  CHECK(at > 3);
}

TEST_CASE("Result cache: memory that ends for one who makes leaves nobody waiting") {
  for (int at = 0; at < kMoreThanAllocated; ++at) {
    INFO("allocation " << at);
    ResultCache cache(kMaxBytes);
    std::atomic<bool> making{false};
    std::atomic<bool> asks{false};
    const auto make = [&]() -> Result<ResultCache::Made> {
      making = true;
      while (!asks) std::this_thread::yield();
      ResultCache::Made made{LongKey(1), std::make_shared<const int>(1), 10};
      allocations_left = at;
      if (at % 2 == 0) throw std::bad_alloc();
      return made;
    };
    std::thread first([&] { (void)EndsIn(&cache, LongKey(1), make, -1); });
    while (!making) std::this_thread::yield();
    asks = true;
    const auto waited = cache.Get(LongKey(1), Makes(LongKey(1), 10));
    first.join();
    CHECK((waited.ok() || waited.status().code() == StatusCode::kResourceExhausted));
    CHECK(cache.Get(LongKey(1), Makes(LongKey(1), 10)).ok());
  }
}

}  // namespace stacksampler::visualizer
