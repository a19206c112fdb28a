// SPDX-License-Identifier: MIT
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sampler/burn.h"
#include "sampler/profile_sums.h"
#include "sampler/started.h"
#include "stacksampler/cpu_profiler.h"
#include "stacksampler/sampler.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

constexpr int64_t kMs = 1'000'000;

std::map<std::string, int64_t> SampledWeights(const Profile& profile) {
  std::map<std::string, int64_t> weights = FoldedWeights(profile);
  for (auto it = weights.begin(); it != weights.end();) {
    const bool sampled = it->first.find(";[unsampled]") == std::string::npos &&
                         it->first.find(";[profiler]") == std::string::npos;
    it = sampled ? std::next(it) : weights.erase(it);
  }
  return weights;
}

bool HoldsLabel(const Profile& profile, const Label& label) {
  const auto& samples = profile.samples();
  return std::any_of(samples.begin(), samples.end(), [&](const Sample& sample) {
    const Labels& labels = profile.label_sets()[sample.labels];
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  });
}

// One random step of a reader; what it has for good goes into `taken`.
void Step(Sampler* sampler, ReaderId reader, uint32_t choice, Profile* taken) {
  const bool take = choice % 3 == 0;
  const Result<Window> window = take ? sampler->Take(reader) : sampler->Read(reader);
  REQUIRE(window.ok());
  CHECK_FALSE(sampler->Acknowledge(reader, window->id + 1));
  const bool acknowledge = choice % 3 == 1;
  if (acknowledge) REQUIRE(sampler->Acknowledge(reader, window->id));
  if (take || acknowledge) taken->Merge(window->profile);
}

TEST_CASE("Sampler: three readers each get every sample exactly once") {
  Burner first("first");
  Burner second("second");
  const auto sampler = StartSampler();
  ReaderOptions options;
  options.from_start = true;
  const ReaderId witness = sampler->OpenReader(options);
  const ReaderId readers[3] = {sampler->OpenReader(options), sampler->OpenReader(options),
                               sampler->OpenReader(options)};
  const auto work = [] {
    for (int i = 0; i < 20; ++i) {
      burn_alpha(20 * kMs);
      burn_beta(20 * kMs);
    }
  };
  first.Begin(work);
  second.Begin(work);
  Profile taken[3];
  std::minstd_rand random(20240613);
  for (int i = 0; i < 200; ++i) {
    const size_t who = random() / 7 % 3;
    Step(sampler.get(), readers[who], static_cast<uint32_t>(random() / 7), &taken[who]);
    burn_alpha(kMs);
  }
  first.Finish();
  second.Finish();
  REQUIRE(sampler->Stop().ok());
  const Profile all = sampler->Read(witness)->profile;
  for (size_t who = 0; who < 3; ++who) {
    taken[who].Merge(sampler->Take(readers[who])->profile);
    CHECK(SampledWeights(taken[who]) == SampledWeights(all));
    CHECK(sampler->Take(readers[who])->profile.samples().empty());
    // A window may show as unsampled what is delivered in the next.
    CHECK(WeightOf(taken[who], "", "[unsampled]") >= WeightOf(all, "", "[unsampled]"));
  }
  CHECK(NothingLost(sampler->Stats()));
}

TEST_CASE("Sampler: reading from a reader that is not open says so") {
  const auto sampler = StartSampler();
  const ReaderId reader = sampler->OpenReader();
  sampler->CloseReader(reader);
  CHECK(sampler->Read(reader).status().code() == StatusCode::kNotFound);
  CHECK(sampler->Take(reader + 1).status().code() == StatusCode::kNotFound);
}

TEST_CASE("Sampler: windows of one reader follow each other without a gap in time") {
  const auto sampler = StartSampler();
  const ReaderId reader = sampler->OpenReader();
  const auto first = sampler->Take(reader);
  burn_alpha(20 * kMs);
  const auto second = sampler->Take(reader);
  REQUIRE(second.ok());
  CHECK(second->id == first->id + 1);
  CHECK(second->profile.start_ns == first->profile.end_ns);
  CHECK(second->profile.start_ns < second->profile.end_ns);
}

// Not the leaf: a lone heavy signal may find the clock that a burner reads.
std::string BurnerIn(const Profile& profile, StackId stack) {
  for (const FrameId frame : profile.StackFrames(stack)) {
    if (profile.FrameName(frame).rfind("burn_", 0) == 0) return profile.FrameName(frame);
  }
  return "";
}

std::vector<std::string> BurnRuns(const Profile& profile) {
  std::vector<std::string> runs;
  for (const TimedSample& sample : profile.timeline()) {
    const std::string burner = BurnerIn(profile, sample.stack);
    if (!burner.empty() && (runs.empty() || runs.back() != burner)) runs.push_back(burner);
  }
  return runs;
}

void BurnABAAA() {
  const auto sampler = Sampler::Running();
  REQUIRE(BurnUntilSampled(sampler.get(), burn_alpha, "burn_alpha"));
  REQUIRE(BurnUntilSampled(sampler.get(), burn_beta, "burn_beta"));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(BurnUntilSampled(sampler.get(), burn_alpha, "burn_alpha"));
  }
}

void CheckABAAA(const Profile& profile) {
  CHECK(BurnRuns(profile) == std::vector<std::string>{"burn_alpha", "burn_beta", "burn_alpha"});
  CHECK(WeightOf(profile, "", "burn_alpha") >= 40);
  CHECK(WeightOf(profile, "", "burn_beta") >= 10);
  int64_t last = profile.start_ns;
  int64_t weight = 0;
  for (const TimedSample& sample : profile.timeline()) {
    CHECK(sample.time_ns >= last);
    CHECK(sample.cpu_ns == sample.weight * profile.period_ns);
    last = sample.time_ns;
    weight += sample.weight;
  }
  CHECK(last <= profile.end_ns);
  CHECK(weight == profile.TotalWeight() - WeightOf(profile, "", "[unsampled]") -
                      WeightOf(profile, "", "[profiler]"));
  CHECK(profile.Validate().ok());
}

TEST_CASE("CpuProfiler: samples stand in the order in which they were taken") {
  CpuProfilerOptions options;
  options.thread = gettid();
  CpuProfiler profiler(options);
  REQUIRE(profiler.Start().ok());
  BurnABAAA();
  REQUIRE(profiler.Stop().ok());
  CheckABAAA(profiler.profile());
  CHECK(Sampler::Running() == nullptr);
  CHECK(profiler.Output().find("burn_beta") != std::string::npos);
}

TEST_CASE("CpuProfiler: shares a running sampler, leaves it running, and sees its thread only") {
  SamplerOptions sampler_options;
  sampler_options.interval = std::chrono::milliseconds(2);
  const auto sampler = StartSampler(sampler_options);
  Burner other("other");
  other.Begin([] { burn_beta(300 * kMs); });
  CpuProfilerOptions options;
  options.thread = gettid();
  CpuProfiler profiler(options);
  REQUIRE(profiler.Start().ok());
  BurnABAAA();
  REQUIRE(profiler.Stop().ok());
  other.Finish();
  CheckABAAA(profiler.profile());
  CHECK(profiler.profile().period_ns == 2 * kMs);
  CHECK(Sampler::Running() == sampler);
}

TEST_CASE("CpuProfiler: stretches add up, and the time between them is not in it") {
  CpuProfilerOptions options;
  options.thread = gettid();
  CpuProfiler profiler(options);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(profiler.Start().ok());
    CHECK(profiler.Start().code() == StatusCode::kAlreadyExists);
    REQUIRE(BurnUntilSampled(Sampler::Running().get(), burn_alpha, "burn_alpha"));
    REQUIRE(profiler.Stop().ok());
    burn_beta(50 * kMs);
  }
  CHECK(WeightOf(profiler.profile(), "", "burn_alpha") >= 20);
  CHECK(WeightOf(profiler.profile(), "", "burn_beta") == 0);
}

TEST_CASE("CpuProfiler: as bare statements its calls say what failed, in one line") {
  struct sigaction theirs {};
  struct sigaction before {};
  theirs.sa_handler = [](int) {};
  sigaction(SIGPROF, &theirs, &before);
  std::string said;
  {
    const CapturedStderr log;
    CpuProfiler profiler;
    profiler.Start();
    profiler.Stop();
    said = log.Text();
  }
  sigaction(SIGPROF, &before, nullptr);
  CHECK(said.rfind("stacksampler: CpuProfiler::Start: ", 0) == 0);
  CHECK(said.find("SIGPROF") != std::string::npos);
  CHECK(said.find('\n') == said.size() - 1);
}

TEST_CASE("CpuProfiler: in wall-clock mode its profile holds where threads wait") {
  for (const SamplerMode mode : {SamplerMode::kCpu, SamplerMode::kWall}) {
    CpuProfilerOptions options;
    options.mode = mode;
    CpuProfiler profiler(options);
    REQUIRE(profiler.Start().ok());
    const auto sampler = Sampler::Running();
    CHECK(sampler->options().mode == mode);
    // This thread waits; how long it takes until that was seen is the machine's affair.
    const bool wall = mode == SamplerMode::kWall;
    const uint64_t awaited = wall ? 20 : 0;
    for (int i = 0; i < 10'000 && sampler->Stats().waiting_weight < awaited; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    REQUIRE(profiler.Stop().ok());
    CHECK(HoldsLabel(profiler.profile(), {"state", "waiting"}) == wall);
  }
}

TEST_CASE("CpuProfiler: its output is JSON before anything was sampled") {
  const CpuProfiler profiler;
  CHECK(profiler.Output().front() == '{');
}

TEST_CASE("Sampler: a full timeline keeps weights and counts lost moments") {
  SamplerOptions options;
  options.interval = std::chrono::milliseconds(1);
  options.max_timeline_samples = 5;
  const auto sampler = StartSampler(options);
  ReaderOptions reader;
  reader.timeline = true;
  const ReaderId id = sampler->OpenReader(reader);
  for (int i = 0; i < kMostBurns && sampler->Stats().lost_moments == 0; ++i) burn_alpha(10 * kMs);
  const auto window = sampler->Take(id);
  REQUIRE(window.ok());
  CHECK(window->profile.timeline().size() == 5);
  CHECK(sampler->Stats().lost_moments > 0);
  CHECK(window->profile.TotalWeight() - WeightOf(window->profile, "", "[unsampled]") -
            WeightOf(window->profile, "", "[profiler]") >
        5);
}

}  // namespace
}  // namespace stacksampler
