// SPDX-License-Identifier: MIT
#include "profile/cpuprofile_layout.h"

#include <algorithm>

#include "profile/select.h"

namespace stacksampler {
namespace {

constexpr int64_t kDefaultPeriodNs = 1000000;  // of a profile that knows weights only
// Of the CPU time, this part may lie too close to the sample before it. Alone, a thread of whatever
// period stays below a hundredth; two that ran at once come to several.
constexpr int64_t kCrowdedPart = 50;
constexpr int64_t kNsPerUs = 1000;  // the format counts microseconds

int64_t SaturatingProduct(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

int64_t SaturatingSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t CpuNs(const Profile& profile, int64_t weight, int64_t cpu_ns) {
  return cpu_ns > 0 ? cpu_ns : SaturatingProduct(weight, profile.period_ns);
}

int64_t CpuNs(const Profile& profile, const TimedSample& sample) {
  return CpuNs(profile, sample.weight, sample.cpu_ns);
}

std::vector<TimedSample> InOrder(std::vector<TimedSample> samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  return samples;
}

// A thread's timer is read at the kernel's ticks, so its samples may come early, but never by more
// than half of the CPU time that they stand for.
bool RanAtOnce(const Profile& profile, const std::vector<TimedSample>& samples) {
  int64_t all_ns = 0;
  int64_t crowded_ns = 0;
  for (size_t i = 1; i < samples.size(); ++i) {
    const int64_t cpu_ns = CpuNs(profile, samples[i]);
    all_ns = SaturatingSum(all_ns, cpu_ns);
    const bool crowded = samples[i].time_ns - samples[i - 1].time_ns < cpu_ns / 2;
    if (crowded) crowded_ns = SaturatingSum(crowded_ns, cpu_ns);
  }
  return crowded_ns > all_ns / kCrowdedPart;
}

// Heaviest first at every level, and each stack's own weight after its callees'.
std::vector<StackId> LeftHeavyOrder(const WeighedTree& tree) {
  std::vector<StackId> order;  // reversed: a node, then its children from the lightest
  std::vector<StackId> open = {0};
  while (!open.empty()) {
    const StackId id = open.back();
    open.pop_back();
    order.push_back(id);
    std::vector<StackId> children = tree.children[id];
    std::stable_sort(children.begin(), children.end(),
                     [&](StackId a, StackId b) { return tree.total[a] > tree.total[b]; });
    open.insert(open.end(), children.begin(), children.end());
  }
  std::reverse(order.begin(), order.end());
  return order;
}

class Builder {
 public:
  Builder(const Profile& profile, const WeighedTree& tree)
      : profile_(profile), tree_(tree), end_ns_(profile.start_ns) {}

  CpuProfileLayout Build() {
    const std::vector<TimedSample> samples = InOrder(profile_.timeline());
    layout_.axis = samples.empty()                ? CpuProfileLayout::Axis::kWeights
                   : RanAtOnce(profile_, samples) ? CpuProfileLayout::Axis::kCpuTime
                                                  : CpuProfileLayout::Axis::kTime;
    knows_lengths_ = std::any_of(samples.begin(), samples.end(),
                                 [&](const auto& sample) { return CpuNs(profile_, sample) > 0; });
    if (!samples.empty()) {
      const TimedSample& first = samples.front();
      end_ns_ = std::max<int64_t>(0, first.time_ns - CpuNs(profile_, first));
    }
    for (const TimedSample& sample : samples) {
      layout_.axis == CpuProfileLayout::Axis::kTime ? AddUntilItsMoment(sample)
                                                    : Add(sample.stack, CpuNs(profile_, sample));
    }
    AddWithoutMoments();
    layout_.moments.push_back({end_ns_});
    return std::move(layout_);
  }

 private:
  // What a length has beyond whole microseconds goes to the next one: rounded one by one they would
  // add up to another total.
  void Add(StackId stack, int64_t length_ns) {
    layout_.moments.push_back({end_ns_, stack});
    const int64_t owed_ns = SaturatingSum(length_ns, rest_ns_);
    rest_ns_ = owed_ns % kNsPerUs;
    end_ns_ = SaturatingSum(end_ns_, owed_ns - rest_ns_);
  }

  // A CPU timer's signal comes at the end of the stretch it stands for. What else lies between it
  // and the sample before is idle, as V8 writes it; but ticks come late and early, so that less
  // than half of a sample's length waits until it has grown: the sample ends that much before its
  // moment.
  void AddUntilItsMoment(const TimedSample& sample) {
    const int64_t cpu_ns = CpuNs(profile_, sample);
    const int64_t begin_ns = sample.time_ns - cpu_ns;
    if (cpu_ns > 0 && begin_ns > end_ns_ && begin_ns - end_ns_ > cpu_ns / 2) {
      layout_.moments.push_back({end_ns_, 0, /*idle=*/true});
      layout_.has_idle = true;
      end_ns_ = begin_ns;
    }
    Add(sample.stack, knows_lengths_ ? cpu_ns : std::max<int64_t>(0, sample.time_ns - end_ns_));
  }

  // Each stack once, with all that it weighs beyond its moments.
  void AddWithoutMoments() {
    std::vector<int64_t> cpu_ns(tree_.self.size());
    for (const Sample& sample : SamplesWithoutMoments(profile_)) {
      int64_t ns = CpuNs(profile_, sample.weight, sample.cpu_ns);
      if (ns == 0) ns = SaturatingProduct(sample.weight, kDefaultPeriodNs);
      cpu_ns[sample.stack] = SaturatingSum(cpu_ns[sample.stack], ns);
      layout_.weight_without_moment = SaturatingSum(layout_.weight_without_moment, sample.weight);
    }
    for (const StackId stack : LeftHeavyOrder(tree_)) {
      if (cpu_ns[stack] > 0) Add(stack, cpu_ns[stack]);
    }
  }

  const Profile& profile_;
  const WeighedTree& tree_;
  CpuProfileLayout layout_;
  bool knows_lengths_ = false;  // some moment has CPU time; else each lasts from the one before it
  int64_t end_ns_;
  int64_t rest_ns_ = 0;
};

}  // namespace

WeighedTree::WeighedTree(const Profile& profile)
    : self(profile.stacks().size()), total(self), children(self.size()), used(self.size()) {
  used[0] = true;
  for (const Sample& sample : profile.samples()) {
    self[sample.stack] = SaturatingSum(self[sample.stack], sample.weight);
    for (StackId at = sample.stack; !used[at]; at = profile.stacks()[at].parent) used[at] = true;
  }
  total = self;
  for (StackId id = static_cast<StackId>(self.size()) - 1; id > 0; --id) {
    const StackId parent = profile.stacks()[id].parent;
    total[parent] = SaturatingSum(total[parent], total[id]);
  }
  for (StackId id = 1; id < self.size(); ++id) {
    if (used[id]) children[profile.stacks()[id].parent].push_back(id);
  }
}

CpuProfileLayout LayOutCpuProfile(const Profile& profile, const WeighedTree& tree) {
  return Builder(profile, tree).Build();
}

}  // namespace stacksampler
