// SPDX-License-Identifier: MIT
//
// A system that gives no more threads.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

#include "store/clickhouse_server.h"
#include "store/clickhouse_support.h"

namespace {

std::atomic<bool> no_threads{false};
std::atomic<int> refused{0};

}  // namespace

// In the place of the library's.
extern "C" __attribute__((visibility("default"))) int pthread_create(
    pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
    void* argument) noexcept {
  using Create = decltype(&pthread_create);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  if (!no_threads) return create(thread, attributes, run, argument);
  ++refused;
  return EAGAIN;
}

namespace stacksampler::store {

TEST_CASE("Threads: where the system gives none, servers are asked one after the other") {
  const ClickhouseUrl url = NewDatabase(2);
  const TempDir dir;
  Told told;
  std::vector<Window> windows;
  for (uint64_t id = 1; id <= 12; ++id) {
    windows.push_back(SmallWindow("host-" + std::to_string(id), id, kNoon));
  }
  {
    const auto writer = Write(url, dir.path("outbox"), Impatient(&told));
    for (const Window& window : windows) MustAppend(writer.get(), window);
    MustSeal(writer.get());
  }
  no_threads = true;
  CheckStored(url, windows);
  no_threads = false;
  CHECK(refused > 0);
}

}  // namespace stacksampler::store
