// SPDX-License-Identifier: MIT
#include "http/resolver.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "http/process_state.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

using std::chrono::milliseconds;

// A name service that answers only when told to.
struct StuckNameService {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_released = false;

  void Release() {
    const std::lock_guard lock(mutex);
    is_released = true;
    changed.notify_all();
  }
  Result<std::vector<SocketAddress>> Wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return is_released; });
    return std::vector<SocketAddress>(1);
  }
};

void AwaitThreads(size_t count) {
  while (RunningThreads() > count) std::this_thread::sleep_for(milliseconds(1));
}

}  // namespace

TEST_CASE("Resolve: an address and localhost need no name service") {
  const Lookup never = [](const std::string&, uint16_t) -> Result<std::vector<SocketAddress>> {
    FAIL("asked the name service");
    return std::vector<SocketAddress>();
  };
  const auto resolved = [&](const char* host) {
    const auto addresses = Resolve(host, 80, Deadline::After(milliseconds(0)), never);
    REQUIRE(addresses.ok());
    std::string all;
    for (const SocketAddress& address : *addresses) all += NumericHost(address) + ' ';
    return all;
  };
  CHECK(resolved("127.0.0.1") == "127.0.0.1 ");
  CHECK(resolved("::1") == "::1 ");
  CHECK(resolved("LocalHost") == "127.0.0.1 ::1 ");
}

TEST_CASE("Resolve: a name that cannot be has no address, and the error names it") {
  const auto missing = Resolve("no such name", 80, Deadline::After(milliseconds(10000)));
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.status().code() == StatusCode::kUnavailable);
  CHECK(missing.status().message().find("no such name") != std::string::npos);
}

TEST_CASE("Resolve: a stuck name service holds a bounded number of threads and no caller") {
  const size_t threads_before = RunningThreads();
  const auto service = std::make_shared<StuckNameService>();
  const Lookup stuck = [service](const std::string&, uint16_t) { return service->Wait(); };
  for (size_t i = 0; i < kMaxLookups; ++i) {
    const auto result = Resolve("web-1", 80, Deadline::After(milliseconds(1)), stuck);
    CHECK(result.status().code() == StatusCode::kUnavailable);
  }
  CHECK(RunningThreads() <= threads_before + kMaxLookups);
  const auto refused = Resolve("web-1", 80, Deadline::After(milliseconds(1)), stuck);
  CHECK(refused.status().code() == StatusCode::kResourceExhausted);
  CHECK(RunningThreads() <= threads_before + kMaxLookups);

  service->Release();
  CHECK(Resolve("web-1", 80, Deadline::After(milliseconds(10000)), stuck).ok());
  AwaitThreads(threads_before);
}

}  // namespace stacksampler::http
