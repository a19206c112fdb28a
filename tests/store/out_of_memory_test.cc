// SPDX-License-Identifier: MIT
//
// Memory that ends at every allocation of a question in turn: the reader goes on, and answers the
// next one right.
#include <dlfcn.h>
#include <zstd.h>

#include <functional>
#include <new>
#include <random>
#include <thread>

#include "store/cells.h"
#include "store/checksum.h"
#include "store/store_support.h"
#include "support/catch.h"
#include "support/ending_memory.h"

namespace {

thread_local bool no_memory_for_unpackers = false;

}  // namespace

// In the place of the library's.
extern "C" ZSTD_DCtx* ZSTD_createDCtx() {
  using Create = ZSTD_DCtx* (*)();
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "ZSTD_createDCtx"));
  return no_memory_for_unpackers ? nullptr : create();
}

namespace stacksampler::store {
namespace {

// Two sealed windows and one that is open.
struct SmallStore {
  TempDir dir;
  std::vector<std::string> warnings;
  std::unique_ptr<StoreWriter> writer = MustWrite(dir.path(), OptionsFor(&warnings));
  std::vector<Window> windows;

  SmallStore() {
    std::mt19937_64 random(5);
    for (uint64_t id = 1; id <= 9; ++id) {
      windows.push_back(RandomWindow(&random, id, kNoon + static_cast<int64_t>(id) * 20 * kSecond));
      MustAppend(writer.get(), windows.back());
      if (id % 3 == 0 && id < 9) REQUIRE(writer->Seal().ok());
    }
  }
};

// False when memory ended in it, at the allocation after `at`.
bool Asked(int at, const std::function<void()>& question) {
  allocations_left = at;
  try {
    question();
  } catch (const std::bad_alloc&) {
    return false;
  }
  allocations_left = -1;
  return true;
}

// The answer after each question that memory ended in is right. Returns how many of these there
// were.
int AskAgainAndAgain(const std::function<void(StoreReader*)>& question) {
  const SmallStore store;
  for (int at = 0;; ++at) {
    INFO("allocation " << at);
    REQUIRE(at < 10'000);
    const auto reader = MustRead(store.dir.path());
    const bool asked = Asked(at, [&] { question(reader.get()); });
    CheckAnswer(reader.get(), store.windows, {});
    if (asked) return at;
  }
}

}  // namespace

TEST_CASE("OutOfMemory: after it no record is counted twice and no name taken for another") {
  CHECK(AskAgainAndAgain([](StoreReader* reader) { (void)reader->Merge({}); }) > 100);
}

TEST_CASE("OutOfMemory: a question for a part of a segment leaves nothing that is wrong") {
  Query part;
  part.until_ns = kNoon + 50 * kSecond;
  CHECK(AskAgainAndAgain([&](StoreReader* reader) { (void)reader->Merge(part); }) > 100);
}

TEST_CASE("OutOfMemory: a target that names another period each time costs no dictionary a time") {
  constexpr size_t kStacks = 100'000;
  PeriodSums sums(kStacks);
  const size_t before = bytes_allocated;
  for (int64_t period_ns = 1; period_ns <= 100; ++period_ns) sums.Add(period_ns, {{7, 1}, {9, 2}});
  const std::string bytes = sums.Take();
  CHECK(bytes_allocated - before < kStacks);
  CHECK(bytes.size() > 300);
}

TEST_CASE("OutOfMemory: a thread that had none to unpack a block unpacks it when there is some") {
  const std::string block = PackBlock("key", "payload");
  Status before;
  Result<std::string> after = Status(StatusCode::kInternal, "not tried");
  std::thread([&] {
    no_memory_for_unpackers = true;
    before = UnpackBlock("key", block).status();
    no_memory_for_unpackers = false;
    after = UnpackBlock("key", block);
  }).join();
  CHECK(before.code() == StatusCode::kResourceExhausted);
  REQUIRE(after.ok());
  CHECK(*after == "payload");
}

}  // namespace stacksampler::store
