// SPDX-License-Identifier: MIT
#include "stacksampler/thread.h"

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"
#include "support/process_traces.h"

namespace stacksampler {
namespace {

constexpr int64_t kMs = 1'000'000;

TEST_CASE("ThreadGuard: threads shorter than a scan are sampled, each to its last period") {
  constexpr int kThreads = 10;
  const auto sampler = StartSeldom();
  // The account closes between the two: there a virtual machine may lose time, too.
  std::vector<int64_t> used_before;
  std::vector<int64_t> used_after;
  for (int i = 0; i < kThreads; ++i) {
    std::thread([&, i] {
      {
        const ThreadGuard guard;
        pthread_setname_np(pthread_self(), ("short-" + std::to_string(i)).c_str());
        burn_alpha(20 * kMs);
        used_before.push_back(MyThreadCpuNs());
      }
      used_after.push_back(MyThreadCpuNs());
    }).join();
  }
  const Profile profile = TakeAll(sampler.get());
  for (int i = 0; i < kThreads; ++i) {
    const int64_t weight = WeightOf(profile, "short-" + std::to_string(i), "");
    INFO(weight << " ms shown, " << used_before[i] << " to " << used_after[i] << " ns used");
    CHECK(weight * kMs > used_before[i] - kMs);
    CHECK(weight * kMs < used_after[i] + 2 * kMs);
  }
  // A starved machine's signals come late, and find many of such threads gone.
  const auto sampled = [&] { return WeightOf(TakeAll(sampler.get()), "", "burn_alpha"); };
  for (int i = 0; i < kMostBurns && sampled() < kThreads * 10; ++i) {
    std::thread([] {
      const ThreadGuard guard;
      burn_alpha(20 * kMs);
    }).join();
  }
  CHECK(sampled() >= kThreads * 10);
}

TEST_CASE("ThreadGuard: slots come back, and no sample is lost between two owners") {
  constexpr int kThreads = 300;
  const auto sampler = StartSeldom();
  int64_t used = 0;
  for (int i = 0; i < kThreads; ++i) {
    std::thread([&used] {
      const ThreadGuard guard;
      pthread_setname_np(pthread_self(), "churn");
      burn_alpha(4 * kMs);
      used += MyThreadCpuNs();
    }).join();
  }
  const Profile profile = TakeAll(sampler.get());
  // To within one period for each thread.
  const int64_t shown = WeightOf(profile, "churn", "") * kMs;
  CHECK(shown > used - kThreads * kMs);
  CHECK(shown < used + kThreads * kMs);
  CHECK(sampler->Stats().threads_seen >= kThreads);
  CHECK(SettledThreads(sampler.get(), 2) == 2);
}

TEST_CASE("ThreadGuard: threads may come and go while the sampler starts, reads and stops") {
  std::atomic<bool> enough{false};
  std::vector<std::thread> makers;
  for (int i = 0; i < 3; ++i) {
    makers.emplace_back([&enough] {
      while (!enough) {
        std::thread([] {
          const ThreadGuard guard;
          burn_alpha(kMs / 4);
        }).join();
      }
    });
  }
  for (int i = 0; i < 30; ++i) {
    const auto sampler = StartSeldom();
    for (int reads = 0; reads < 5; ++reads) (void)TakeAll(sampler.get());
    burn_beta(2 * kMs);
    REQUIRE(sampler->Stop().ok());
    CHECK(NothingLost(sampler->Stats()));
    CHECK(sampler->Stats().threads_now == 0);
  }
  enough = true;
  for (std::thread& maker : makers) maker.join();
}

TEST_CASE("ThreadGuard: without a sampler nothing happens") {
  const std::string before = ProcessTraces();
  {
    const ThreadGuard guard;
    CHECK(ProcessTraces() == before);
  }
  UnregisterThread();
  CHECK(ProcessTraces() == before);
}

TEST_CASE("ThreadGuard: a thread that goes on after it said goodbye is counted once") {
  const auto sampler = StartSeldom();
  int64_t used_before = 0;
  int64_t used_after = 0;
  std::thread([&] {
    pthread_setname_np(pthread_self(), "staying");
    RegisterThread();
    burn_alpha(20 * kMs);
    UnregisterThread();
    (void)TakeAll(sampler.get());
    burn_alpha(20 * kMs);
    used_before = MyThreadCpuNs();
    UnregisterThread();
    used_after = MyThreadCpuNs();
  }).join();
  const int64_t shown = WeightOf(TakeAll(sampler.get()), "staying", "") * kMs;
  CHECK(shown > used_before - 2 * kMs);
  CHECK(shown < used_after + 2 * kMs);
}

}  // namespace
}  // namespace stacksampler
