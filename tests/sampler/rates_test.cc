// SPDX-License-Identifier: MIT
//
// Fairness and closure: what busy threads get by CPU second, below the kernel's tick rate and above
// it. Rates are by a thread's own CPU time, so that a loaded machine changes nothing; what the
// kernel owes at the end of a run is waited for, by burning on.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sampler/burn.h"
#include "sampler/cpu_timer.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using sampling::ProcessCpuNs;
using sampling::ThreadCpuNs;

constexpr int64_t kMs = 1'000'000;

std::shared_ptr<Sampler> StartAt(int hz) {
  SamplerOptions options;
  options.interval = std::chrono::nanoseconds(1'000'000'000 / hz);
  return StartSampler(options);
}

struct Rate {
  int64_t weight = 0;  // delivered and recorded
  int64_t lost = 0;    // "[unsampled]" and "[dropped]"
  int64_t cpu_ns = 0;
};

// Burns on the calling thread, at least so long, and until no more than a hundredth is lost.
Rate BurnUntilSettled(Sampler* sampler, int64_t cpu_ns) {
  constexpr int64_t kPartLost = 100;
  ReaderOptions options;
  options.only_thread = gettid();
  const ReaderId reader = sampler->OpenReader(options);
  Rate rate;
  const int64_t begin_ns = MyThreadCpuNs();
  burn_alpha(cpu_ns);
  for (int i = 0; i < kMostBurns; ++i) {
    burn_alpha(5 * kMs);
    // Before: what naming takes is this thread's CPU time, too, and not in the window.
    rate.cpu_ns = MyThreadCpuNs() - begin_ns;
    const auto window = sampler->Read(reader);
    if (!window.ok()) break;
    rate.lost =
        WeightOf(window->profile, "", "[unsampled]") + WeightOf(window->profile, "", "[dropped]");
    rate.weight = window->profile.TotalWeight() - rate.lost;
    if (rate.lost * window->profile.period_ns * kPartLost <= rate.cpu_ns) break;
  }
  sampler->CloseReader(reader);
  return rate;
}

std::vector<Rate> RatesOf(int threads, Sampler* sampler, int64_t cpu_ns) {
  std::vector<Rate> rates(static_cast<size_t>(threads));
  std::vector<std::unique_ptr<Burner>> burners;
  for (Rate& rate : rates) {
    burners.push_back(std::make_unique<Burner>("busy-" + std::to_string(burners.size())));
    burners.back()->Begin([&rate, sampler, cpu_ns] { rate = BurnUntilSettled(sampler, cpu_ns); });
  }
  for (const auto& burner : burners) burner->Finish();
  return rates;
}

// In parts of the highest.
double Spread(const std::vector<Rate>& rates) {
  std::vector<double> by_cpu;
  for (const Rate& rate : rates) {
    UNSCOPED_INFO(rate.weight << " in " << rate.cpu_ns << " ns, " << rate.lost << " lost");
    REQUIRE(rate.weight > 0);
    by_cpu.push_back(static_cast<double>(rate.weight) / static_cast<double>(rate.cpu_ns));
  }
  const auto [low, high] = std::minmax_element(by_cpu.begin(), by_cpu.end());
  return 1 - *low / *high;
}

TEST_CASE("Rates: two busy threads get theirs within 1.5 % of each other") {
  const auto sampler = StartAt(1000);
  CHECK(Spread(RatesOf(2, sampler.get(), 1000 * kMs)) <= 0.015);
  CHECK(NothingLost(sampler->Stats()));
}

TEST_CASE("Rates: eight busy threads get theirs within 8 % of each other") {
  const auto sampler = StartAt(1000);
  CHECK(Spread(RatesOf(8, sampler.get(), 300 * kMs)) <= 0.08);
  CHECK(NothingLost(sampler->Stats()));
}

TEST_CASE("Rates: a busy thread loses no more than a hundredth, below the tick rate and above") {
  for (const int hz : {100, 1000}) {
    const auto sampler = StartAt(hz);
    const int64_t period_ns = 1'000'000'000 / hz;
    for (const Rate& rate : RatesOf(2, sampler.get(), 1200 * kMs)) {
      INFO(hz << " Hz: " << rate.weight << " in " << rate.cpu_ns << " ns, " << rate.lost
              << " lost");
      CHECK(rate.lost * period_ns * 100 <= rate.cpu_ns);
      // One sample more than whole periods: the first one comes at a random moment.
      CHECK(rate.weight * period_ns <= rate.cpu_ns + period_ns + rate.cpu_ns / 100);
    }
    CHECK(NothingLost(sampler->Stats()));
  }
}

TEST_CASE("Rates: each thread, and the process, closes to within a period") {
  for (const int hz : {100, 1000}) {
    const int64_t period_ns = 1'000'000'000 / hz;
    Burner burner("closed");
    // The moments of Start() and of the last drain lie between two readings each.
    const int64_t thread_before_start = *ThreadCpuNs(burner.tid());
    const int64_t process_before_start = ProcessCpuNs();
    const auto sampler = StartAt(hz);
    const int64_t thread_after_start = *ThreadCpuNs(burner.tid());
    const int64_t process_after_start = ProcessCpuNs();
    ReaderOptions options;
    options.from_start = true;
    const ReaderId reader = sampler->OpenReader(options);
    burner.Begin([] { burn_alpha(300 * kMs); });
    burner.Finish();
    const int64_t thread_before_read = *ThreadCpuNs(burner.tid());
    const int64_t process_before_read = ProcessCpuNs();
    const auto window = sampler->Read(reader);
    REQUIRE(window.ok());
    const int64_t thread_after_read = *ThreadCpuNs(burner.tid());
    const int64_t process_after_read = ProcessCpuNs();
    const int64_t thread_ns = WeightOf(window->profile, "closed", "") * period_ns;
    INFO(hz << " Hz: " << thread_ns << " ns weighed");
    CHECK(thread_ns >= thread_before_read - thread_after_start - period_ns);
    CHECK(thread_ns <= thread_after_read - thread_before_start + period_ns);
    // This thread, the burner, the sampler's own, and all that have ended.
    constexpr int64_t kAccounts = 4;
    const int64_t process_ns = window->profile.TotalWeight() * period_ns;
    INFO(process_ns << " ns weighed in all");
    CHECK(process_ns >= process_before_read - process_after_start - kAccounts * period_ns);
    CHECK(process_ns <= process_after_read - process_before_start + kAccounts * period_ns);
    CHECK(NothingLost(sampler->Stats()));
  }
}

TEST_CASE("Rates: bursts shorter than a tick close their account, as [unsampled] if need be") {
  Burner bursts("bursts");
  const auto sampler = StartAt(1000);
  const int64_t before = *ThreadCpuNs(bursts.tid());
  bursts.Begin([] {
    for (int i = 0; i < 200; ++i) {
      burn_alpha(kMs / 2);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  bursts.Finish();
  const int64_t after = *ThreadCpuNs(bursts.tid());
  ReaderOptions options;
  options.from_start = true;
  const auto window = sampler->Read(sampler->OpenReader(options));
  REQUIRE(window.ok());
  const int64_t weighed = WeightOf(window->profile, "bursts", "") * kMs;
  CHECK(weighed >= after - before - kMs);
  CHECK(weighed <= *ThreadCpuNs(bursts.tid()) + kMs);
  CHECK(NothingLost(sampler->Stats()));
}

}  // namespace
}  // namespace stacksampler
