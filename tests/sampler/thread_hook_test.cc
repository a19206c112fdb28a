// SPDX-License-Identifier: MIT
//
// libstacksampler_threads.so: nothing below says a word of registration.
#include <dlfcn.h>
#include <pthread.h>

#include <ctime>
#include <string>
#include <thread>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int64_t kMs = 1'000'000;

int64_t ProcessCpuNs() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

TEST_CASE("Thread hook: this program's pthread_create is the library's") {
  Dl_info info{};
  REQUIRE(dladdr(reinterpret_cast<void*>(&pthread_create), &info) != 0);
  CHECK(std::string(info.dli_fname).find("libstacksampler_threads.so") != std::string::npos);
}

TEST_CASE("Thread hook: threads shorter than a scan are sampled") {
  const auto sampler = StartSeldom();
  int64_t used = 0;
  const int64_t process_before = ProcessCpuNs();
  for (int i = 0; i < 10; ++i) {
    std::thread([&used] {
      pthread_setname_np(pthread_self(), "hooked");
      burn_alpha(20 * kMs);
      used += MyThreadCpuNs();
    }).join();
  }
  const int64_t process_used = ProcessCpuNs() - process_before;
  const int64_t shown = WeightOf(TakeAll(sampler.get()), "hooked", "") * kMs;
  CHECK(shown > used - 10 * kMs);
  CHECK(shown <= process_used + 10 * kMs);  // on its way out a thread is charged some more
  // A starved machine's signals come late, and find many of such threads gone.
  for (int i = 0; i < kMostBurns && WeightOf(TakeAll(sampler.get()), "", "burn_alpha") < 100; ++i) {
    std::thread([] { burn_alpha(20 * kMs); }).join();
  }
  CHECK(WeightOf(TakeAll(sampler.get()), "", "burn_alpha") >= 100);
}

void* BurnAndExit(void* /*argument*/) {
  pthread_setname_np(pthread_self(), "exiting");
  burn_alpha(20 * kMs);
  pthread_exit(nullptr);
}

void* BurnUntilCancelled(void* /*argument*/) {
  pthread_setname_np(pthread_self(), "cancelled");
  for (;;) {
    burn_alpha(20 * kMs);
    pthread_testcancel();
  }
}

TEST_CASE("Thread hook: threads that leave by pthread_exit or are cancelled close their account") {
  const auto sampler = StartSeldom();
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, nullptr, BurnAndExit, nullptr) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  REQUIRE(pthread_create(&thread, nullptr, BurnUntilCancelled, nullptr) == 0);
  REQUIRE(pthread_cancel(thread) == 0);
  void* result = nullptr;
  REQUIRE(pthread_join(thread, &result) == 0);
  CHECK(result == PTHREAD_CANCELED);
  CHECK(WeightOf(TakeAll(sampler.get()), "exiting", "") >= 19);
  CHECK(WeightOf(TakeAll(sampler.get()), "cancelled", "") >= 19);
}

TEST_CASE("Thread hook: the thread's function gets its argument, and its result comes back") {
  int value = 7;
  pthread_t thread{};
  const auto twice = [](void* argument) -> void* {
    *static_cast<int*>(argument) *= 2;
    return argument;
  };
  REQUIRE(pthread_create(&thread, nullptr, twice, &value) == 0);
  void* result = nullptr;
  REQUIRE(pthread_join(thread, &result) == 0);
  CHECK(result == &value);
  CHECK(value == 14);
}

}  // namespace
}  // namespace stacksampler
