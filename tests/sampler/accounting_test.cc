// SPDX-License-Identifier: MIT
//
// Physics: known CPU time goes in, the same comes out.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/sampler.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kMs = 1'000'000;

constexpr int64_t kPartLost = 20;

// Within 2 %, and mostly in named stacks. What the kernel owes is delivered at a tick that finds
// the thread running: on a crowded machine that may take a while.
void CheckCovers(const Profile& profile, const std::string& thread, int64_t cpu_ns) {
  constexpr int64_t kOwedNs = 150 * kMs;
  const int64_t weighed = WeightOf(profile, thread, "") * profile.period_ns;
  INFO(thread << ": " << cpu_ns << " ns used, " << weighed << " ns in the profile");
  CHECK(std::abs(weighed - cpu_ns) <= cpu_ns / 50 + profile.period_ns);
  const int64_t lost =
      WeightOf(profile, thread, "[unsampled]") + WeightOf(profile, thread, "[dropped]");
  CHECK(lost * profile.period_ns <= cpu_ns / kPartLost + kOwedNs);
}

void BurnOnThreads(int count, const SamplerOptions& options) {
  std::vector<std::unique_ptr<Burner>> burners;
  const auto name = [](int i) { return "burner-" + std::to_string(i); };
  // Every other thread is there before the sampler.
  for (int i = 0; i < count; i += 2) burners.push_back(std::make_unique<Burner>(name(i)));
  const auto sampler = StartSampler(options);
  for (int i = 1; i < count; i += 2) burners.push_back(std::make_unique<Burner>(name(i)));
  for (const auto& burner : burners) {
    burner->Begin([&sampler] {
      burn_alpha(500 * kMs);
      burn_beta(150 * kMs);
      BurnUntilCovered(sampler.get(), burn_alpha, kPartLost);
    });
  }
  std::vector<int64_t> used;
  for (const auto& burner : burners) used.push_back(burner->Finish());
  const Profile profile = TakeAll(sampler.get());
  CHECK(profile.period_ns == std::chrono::nanoseconds(options.interval).count());
  size_t index = 0;
  for (const int first : {0, 1}) {
    for (int i = first; i < count; i += 2) {
      CheckCovers(profile, name(i), used[index++]);
      CHECK(HottestLeaf(profile, name(i)) == "burn_alpha");
    }
  }
}

TEST_CASE("Sampler: weights times period is the CPU time of one thread") { BurnOnThreads(1, {}); }

TEST_CASE("Sampler: weights times period is the CPU time of each of two threads") {
  BurnOnThreads(2, {});
}

TEST_CASE("Sampler: weights times period is the CPU time of each of four threads") {
  BurnOnThreads(4, {});
}

TEST_CASE("Sampler: signals that the kernel merges keep their weight") {
  SamplerOptions options;
  options.interval = milliseconds(1);
  BurnOnThreads(2, options);
}

int64_t TickNs() {
  timespec tick{};
  clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return tick.tv_nsec;
}

TEST_CASE("Sampler: at 1 ms a signal carries its overruns") {
  SamplerOptions options;
  options.interval = milliseconds(1);
  const auto sampler = StartSampler(options);
  REQUIRE(BurnUntilSampled(sampler.get(), burn_alpha, "burn_alpha", 200));
  REQUIRE(sampler->Stop().ok());
  const SamplerStats stats = sampler->Stats();
  CHECK(stats.delivered_weight >= 200);
  CHECK(stats.delivered_signals <= stats.delivered_weight);
  // A kernel that ticks each millisecond has none to merge.
  if (TickNs() > kMs) CHECK(stats.delivered_signals < stats.delivered_weight);
}

TEST_CASE("Sampler: CPU time of a thread that blocks SIGPROF is [unsampled]") {
  const CapturedStderr log;
  const auto sampler = StartSampler();
  Burner burner("deaf");
  burner.Begin([&log] {
    sigset_t sigprof;
    sigemptyset(&sigprof);
    sigaddset(&sigprof, SIGPROF);
    pthread_sigmask(SIG_BLOCK, &sigprof, nullptr);
    burn_alpha(200 * kMs);
    // The sampler's own thread tells of it, at one of its drains.
    for (int i = 0; i < kMostBurns && log.Text().empty(); ++i) burn_alpha(10 * kMs);
  });
  burner.Finish();
  const std::string told = log.Text();
  CHECK(told.find("thread 'deaf' uses CPU time and blocks SIGPROF") != std::string::npos);
  CHECK(std::count(told.begin(), told.end(), '\n') == 1);
  const Profile profile = TakeAll(sampler.get());
  CHECK(WeightOf(profile, "deaf", "[unsampled]") >= 38);
  CHECK(WeightOf(profile, "deaf", "burn_alpha") == 0);
}

TEST_CASE("Sampler: its own thread's CPU time is [profiler], and not taken for a loss") {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  options.drain_interval = std::chrono::milliseconds(1);
  const CapturedStderr log;
  const auto sampler = StartSampler(options);
  const ReaderId reader = sampler->OpenReader({.timeline = false, .from_start = true});
  int64_t own = 0;
  for (int i = 0; i < kMostBurns && own < 25; ++i) {
    burn_alpha(10 * kMs);
    own = WeightOf(sampler->Read(reader)->profile, "stacksampler", "[profiler]");
  }
  CHECK(own >= 25);
  CHECK(WeightOf(sampler->Read(reader)->profile, "stacksampler", "[unsampled]") == 0);
  CHECK(sampler->ThreadsThatBlockSigprof().empty());
  CHECK(log.Text().empty());
}

TEST_CASE("Sampler: CPU time of threads that came and went between two scans is shown") {
  SamplerOptions options;
  options.drain_interval = std::chrono::seconds(60);
  const auto sampler = StartSampler(options);
  for (int i = 0; i < 4; ++i) std::thread([] { burn_alpha(50 * kMs); }).join();
  const Profile profile = TakeAll(sampler.get());
  // The first scan in the background may come after the first thread.
  CHECK(WeightOf(profile, "[ended threads]", "[unsampled]") >= 28);
  CHECK(WeightOf(profile, "", "") >= 40);
}

TEST_CASE("Sampler: a full ring drops samples, under a name") {
  SamplerOptions options;
  options.interval = milliseconds(1);
  options.drain_interval = std::chrono::seconds(60);
  options.ring_bytes = size_t{16} << 10;
  Burner burner("flooded");
  const auto sampler = StartSampler(options);
  burner.Begin([] { burn_deep(250, 1000 * kMs); });
  const int64_t used = burner.Finish();
  REQUIRE(sampler->Stop().ok());
  const Profile profile = TakeAll(sampler.get());
  const SamplerStats stats = sampler->Stats();
  CHECK(stats.dropped_ring_full_weight > 0);
  CHECK(WeightOf(profile, "", "[dropped]") == static_cast<int64_t>(stats.dropped_ring_full_weight));
  CHECK(std::abs(WeightOf(profile, "flooded", "") * profile.period_ns - used) <= used / 20);
}

TEST_CASE("Sampler: a stack deeper than the cap keeps both ends") {
  const auto sampler = StartSampler();
  Burner burner("deep");
  burner.Begin([&sampler] {
    (void)BurnUntilSampled(
        sampler.get(), [](int64_t cpu_ns) { burn_deep(600, cpu_ns); }, "[truncated]");
  });
  burner.Finish();
  const Profile profile = TakeAll(sampler.get());
  CHECK(sampler->Stats().truncated_stacks > 0);
  CHECK(WeightOf(profile, "deep", "[truncated]") > 0);
  for (const Sample& sample : profile.samples()) {
    const auto frames = profile.StackFrames(sample.stack);
    bool truncated = false;
    for (const FrameId frame : frames) truncated |= profile.FrameName(frame) == "[truncated]";
    if (!truncated) continue;
    CHECK(profile.FrameName(frames.front()) != "burn_deep");
    CHECK(LeafName(profile, sample.stack) != "burn_deep");
  }
}

// A different stack for each number: its bits are the callees.
__attribute__((noinline)) void BurnByBits(uint32_t bits, int depth);
__attribute__((noinline)) void OneBit(uint32_t bits, int depth) {
  BurnByBits(bits >> 1, depth - 1);
  asm volatile("");
}
__attribute__((noinline)) void ZeroBit(uint32_t bits, int depth) {
  BurnByBits(bits >> 1, depth - 1);
  asm volatile("");
}
void BurnByBits(uint32_t bits, int depth) {
  if (depth == 0) {
    burn_alpha(kMs);
  } else if ((bits & 1) != 0) {
    OneBit(bits, depth);
  } else {
    ZeroBit(bits, depth);
  }
  asm volatile("");
}

TEST_CASE("Sampler: stacks beyond the node cap are counted in [overflow]") {
  SamplerOptions options;
  options.interval = milliseconds(1);
  options.max_nodes = 1024;
  Burner burner("various");
  const auto sampler = StartSampler(options);
  burner.Begin([&sampler] {
    uint32_t bits = 1;
    for (int i = 0; i < 8000 && sampler->Stats().overflow_weight == 0; ++i) {
      BurnByBits(bits = bits * 1664525u + 1013904223u, 30);
    }
  });
  const int64_t used = burner.Finish();
  REQUIRE(sampler->Stop().ok());
  const Profile profile = TakeAll(sampler.get());
  const SamplerStats stats = sampler->Stats();
  CHECK(stats.overflow_weight > 0);
  CHECK(WeightOf(profile, "", "[overflow]") == static_cast<int64_t>(stats.overflow_weight));
  CheckCovers(profile, "various", used);
}

TEST_CASE("Sampler: one chosen thread is sampled, others are not") {
  Burner chosen("chosen");
  Burner other("other");
  SamplerOptions options;
  options.only_thread = chosen.tid();
  const auto sampler = StartSampler(options);
  chosen.Begin([] { burn_alpha(100 * kMs); });
  other.Begin([] { burn_alpha(100 * kMs); });
  const int64_t used = chosen.Finish();
  other.Finish();
  const Profile profile = TakeAll(sampler.get());
  CheckCovers(profile, "chosen", used);
  CHECK(WeightOf(profile, "", "") == WeightOf(profile, "chosen", ""));
}

TEST_CASE("Sampler: stopping closes the account, and the profile stays readable") {
  const auto sampler = StartSampler();
  Burner burner("stopped");
  burner.Begin([] { burn_alpha(200 * kMs); });
  const int64_t used = burner.Finish();
  REQUIRE(sampler->Stop().ok());
  CheckCovers(TakeAll(sampler.get()), "stopped", used);
  CHECK(sampler->Stats().threads_now == 0);
}

TEST_CASE("Sampler: frames carry their module and its build-id") {
  const auto sampler = StartSampler();
  REQUIRE(BurnUntilSampled(sampler.get(), burn_alpha, "burn_alpha"));
  const Profile profile = TakeAll(sampler.get());
  bool found = false;
  for (const Frame& frame : profile.frames()) {
    if (profile.String(frame.name) != "burn_alpha") continue;
    found = true;
    CHECK(profile.String(profile.mappings()[frame.mapping].module) == "sampler_test");
    CHECK_FALSE(profile.String(profile.mappings()[frame.mapping].build_id).empty());
  }
  CHECK(found);
}

}  // namespace
}  // namespace stacksampler
