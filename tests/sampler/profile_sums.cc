// SPDX-License-Identifier: MIT
#include "sampler/profile_sums.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "sampler/burn.h"

namespace stacksampler {
namespace {

std::string ThreadOf(const Profile& profile, const Sample& sample) {
  for (const auto& [key, value] : profile.label_sets()[sample.labels]) {
    if (key == "thread") return value;
  }
  return "";
}

bool Holds(const Profile& profile, StackId stack, const std::string& frame) {
  if (frame.empty()) return true;
  const std::vector<FrameId> frames = profile.StackFrames(stack);
  return std::any_of(frames.begin(), frames.end(),
                     [&](FrameId id) { return profile.FrameName(id) == frame; });
}

}  // namespace

std::map<std::string, int64_t> FoldedWeights(const Profile& profile) {
  std::map<std::string, int64_t> weights;
  for (const Sample& sample : profile.samples()) {
    std::string line = ThreadOf(profile, sample);
    for (const FrameId frame : profile.StackFrames(sample.stack)) {
      line += ';' + profile.FrameName(frame);
    }
    weights[line] += sample.weight;
  }
  return weights;
}

int64_t WeightOf(const Profile& profile, const std::string& thread, const std::string& frame) {
  int64_t sum = 0;
  for (const Sample& sample : profile.samples()) {
    if (!thread.empty() && ThreadOf(profile, sample) != thread) continue;
    if (Holds(profile, sample.stack, frame)) sum += sample.weight;
  }
  return sum;
}

std::string LeafName(const Profile& profile, StackId stack) {
  while (profile.frames()[profile.stacks()[stack].frame].inlined) {
    stack = profile.stacks()[stack].parent;
  }
  return profile.FrameName(profile.stacks()[stack].frame);
}

std::string HottestLeaf(const Profile& profile, const std::string& thread) {
  std::map<std::string, int64_t> self;
  for (const Sample& sample : profile.samples()) {
    const std::string leaf = LeafName(profile, sample.stack);
    if (ThreadOf(profile, sample) == thread && leaf.front() != '[') self[leaf] += sample.weight;
  }
  const auto hottest = std::max_element(
      self.begin(), self.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return hottest == self.end() ? "" : hottest->first;
}

bool BurnUntilSampled(Sampler* sampler, const std::function<void(int64_t)>& burn,
                      const std::string& frame, int64_t weight) {
  constexpr int64_t kBurnNs = 10'000'000;
  ReaderOptions options;
  options.only_thread = gettid();
  const ReaderId reader = sampler->OpenReader(options);
  int64_t sampled = 0;
  for (int i = 0; i < kMostBurns && sampled < weight; ++i) {
    burn(kBurnNs);
    const auto window = sampler->Take(reader);
    if (window.ok()) sampled += WeightOf(window->profile, "", frame);
  }
  sampler->CloseReader(reader);
  return sampled >= weight;
}

bool BurnUntilCovered(Sampler* sampler, const std::function<void(int64_t)>& burn, int64_t part) {
  constexpr int64_t kBurnNs = 10'000'000;
  constexpr int64_t kMostOwedNs = 100'000'000;  // of which it is not known yet who has it
  ReaderOptions options;
  options.only_thread = gettid();
  options.from_start = true;
  const ReaderId reader = sampler->OpenReader(options);
  bool is_covered = false;
  for (int i = 0; i < kMostBurns && !is_covered; ++i) {
    const auto window = sampler->Read(reader);
    if (!window.ok()) break;
    const int64_t lost =
        WeightOf(window->profile, "", "[unsampled]") + WeightOf(window->profile, "", "[dropped]");
    const int64_t weight = window->profile.TotalWeight();
    is_covered = lost * part <= weight &&
                 MyThreadCpuNs() - weight * window->profile.period_ns <= kMostOwedNs;
    if (!is_covered) burn(kBurnNs);
  }
  sampler->CloseReader(reader);
  return is_covered;
}

uint64_t SettledThreads(Sampler* sampler, uint64_t expected) {
  for (int i = 0; i < 10'000 && sampler->Stats().threads_now != expected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    sampler->CloseReader(sampler->OpenReader());  // which drains
  }
  return sampler->Stats().threads_now;
}

bool NothingLost(const SamplerStats& stats) {
  return stats.delivered_weight == stats.recorded_weight + stats.dropped_ring_full_weight;
}

}  // namespace stacksampler
