// SPDX-License-Identifier: MIT
#include "visualizer/result_cache.h"

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"

namespace stacksampler::visualizer {
namespace {

ResultCache::Make Makes(const std::string& key, int value, size_t bytes, int* count) {
  return [=]() -> Result<ResultCache::Made> {
    ++*count;
    return ResultCache::Made{key, std::make_shared<const int>(value), bytes};
  };
}

int ValueOf(const Result<ResultCache::Value>& result) {
  return *std::static_pointer_cast<const int>(*result);
}

TEST_CASE("Result cache: what was made once is answered again") {
  ResultCache cache(100);
  int made = 0;
  CHECK(ValueOf(cache.Get("a", Makes("a", 1, 10, &made))) == 1);
  CHECK(ValueOf(cache.Get("a", Makes("a", 2, 10, &made))) == 1);
  CHECK(made == 1);
}

TEST_CASE("Result cache: the bytes kept stay within the bound, the latest used are kept") {
  ResultCache cache(80);
  int made = 0;
  const auto get = [&](const std::string& key) { (void)cache.Get(key, Makes(key, 1, 10, &made)); };
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h", "a", "i"}) get(key);
  CHECK(made == 9);
  CHECK(cache.bytes() == 80);
  get("a");
  CHECK(made == 9);
  get("b");
  CHECK(made == 10);
  for (int i = 0; i < 2; ++i) (void)cache.Get("big", Makes("big", 1, 81, &made));
  CHECK(made == 12);
  CHECK(cache.bytes() == 80);
}

TEST_CASE("Result cache: what is large pushes nothing out until it is asked for again") {
  ResultCache cache(80);
  int made = 0;
  const auto get = [&](const std::string& key, size_t bytes) {
    (void)cache.Get(key, Makes(key, 1, bytes, &made));
  };
  for (const char* key : {"a", "b", "c"}) get(key, 10);
  for (const char* live : {"1", "2", "3"}) get(live, 50);
  for (const char* key : {"a", "b", "c"}) get(key, 10);
  CHECK(made == 6);
  get("3", 50);
  CHECK(made == 6);  // the latest of the large ones has the room
  for (const char* key : {"d", "e", "f"}) get(key, 10);
  get("3", 50);
  CHECK(made == 9);  // and it has stood its trial
}

TEST_CASE("Result cache: what is large is kept when it is asked for again, however full it is") {
  ResultCache cache(80);
  int made = 0;
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    (void)cache.Get(key, Makes(key, 1, 10, &made));
  }
  for (int i = 0; i < 3; ++i) (void)cache.Get("big", Makes("big", 1, 50, &made));
  CHECK(made == 8 + 2);
  CHECK(cache.bytes() == 80);
}

TEST_CASE("Result cache: what was made of a store that went on is kept under its own key") {
  ResultCache cache(100);
  int made = 0;
  CHECK(ValueOf(cache.Get("old", Makes("new", 2, 10, &made))) == 2);
  CHECK(ValueOf(cache.Get("new", Makes("new", 3, 10, &made))) == 2);
  CHECK(ValueOf(cache.Get("old", Makes("old", 1, 10, &made))) == 1);
  CHECK(made == 2);
}

TEST_CASE("Result cache: failures and what has no key are not kept") {
  ResultCache cache(100);
  int made = 0;
  const auto fail = []() -> Result<ResultCache::Made> {
    return Status(StatusCode::kUnavailable, "no");
  };
  CHECK(cache.Get("a", fail).status().message() == "no");
  CHECK(cache.Get("a", Makes("a", 1, 10, &made)).ok());
  (void)cache.Get("", Makes("", 1, 10, &made));
  (void)cache.Get("b", Makes("", 1, 10, &made));
  (void)cache.Get("b", Makes("", 1, 10, &made));
  CHECK(made == 4);
}

TEST_CASE("Result cache: memory that runs out is an answer, not an end") {
  ResultCache cache(100);
  const auto exhaust = []() -> Result<ResultCache::Made> { throw std::bad_alloc(); };
  CHECK(cache.Get("a", exhaust).status().code() == StatusCode::kResourceExhausted);
  int made = 0;
  CHECK(cache.Get("a", Makes("a", 1, 10, &made)).ok());
}

TEST_CASE("Result cache: whatever a maker throws is an answer, and the next one makes it anew") {
  ResultCache cache(80);
  const auto failed = cache.Get("a", []() -> Result<ResultCache::Made> {
    throw std::system_error(EAGAIN, std::generic_category());
  });
  CHECK(failed.status().code() == StatusCode::kInternal);
  int made = 0;
  CHECK(ValueOf(cache.Get("a", Makes("a", 7, 10, &made))) == 7);
}

TEST_CASE("Result cache: of threads that want the same one makes it and the others wait") {
  ResultCache cache(100);
  std::atomic<int> made{0};
  std::atomic<int> asking{0};
  const auto make = [&]() -> Result<ResultCache::Made> {
    ++made;
    while (asking < 8) std::this_thread::yield();
    return ResultCache::Made{"a", std::make_shared<const int>(7), 10};
  };
  std::vector<std::thread> threads;
  std::atomic<int> sevens{0};
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      ++asking;
      if (ValueOf(cache.Get("a", make)) == 7) ++sevens;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(made == 1);
  CHECK(sevens == 8);
}

TEST_CASE("Result cache: who waited for another's moment makes its own") {
  ResultCache cache(100);
  std::atomic<bool> second_asks{false};
  std::atomic<int> made{0};
  const auto make = [&]() -> Result<ResultCache::Made> {
    const bool first = ++made == 1;
    while (first && !second_asks) std::this_thread::yield();
    return ResultCache::Made{first ? "later" : "now", std::make_shared<const int>(made), 10};
  };
  std::thread first([&] { CHECK(ValueOf(cache.Get("now", make)) == 1); });
  while (made == 0) std::this_thread::yield();
  std::thread second([&] {
    second_asks = true;
    CHECK(ValueOf(cache.Get("now", make)) == 2);
  });
  first.join();
  second.join();
}

}  // namespace
}  // namespace stacksampler::visualizer
