// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include "base/json_writer.h"
#include "stacksampler/cpuprofile.h"

namespace stacksampler {
namespace {

constexpr int64_t kDefaultPeriodNs = 1000000;  // of a profile that knows weights only
constexpr int64_t kNsPerUs = 1000;
// DevTools takes small script ids for scripts of the page that is being inspected.
constexpr uint64_t kFirstScriptId = 1000000;
constexpr uint64_t kRootNode = 1;
constexpr uint64_t kIdleNode = 2;

// `node` is what runs from `time_ns` until the next entry's time.
struct Moment {
  int64_t time_ns = 0;
  uint64_t node = 0;
};

uint64_t NodeOf(StackId stack) { return stack == 0 ? kRootNode : uint64_t{stack} + kIdleNode; }

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

// A CPU timer's signal comes at the end of the stretch it stands for, so a sample lasts from the
// one before it to itself. Where that is more than twice its CPU time, nothing ran first: "(idle)",
// as V8 writes it.
std::vector<Moment> FromTimeline(const Profile& profile) {
  std::vector<TimedSample> samples = profile.timeline();
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  std::vector<Moment> moments;
  const TimedSample& first = samples.front();
  int64_t end_ns = std::max<int64_t>(0, first.time_ns - CpuNs(profile, first.weight, first.cpu_ns));
  for (const TimedSample& sample : samples) {
    const int64_t cpu_ns = CpuNs(profile, sample.weight, sample.cpu_ns);
    int64_t begin_ns = end_ns;
    if (cpu_ns > 0 && (sample.time_ns - end_ns) / 2 > cpu_ns) {
      moments.push_back({end_ns, kIdleNode});
      begin_ns = sample.time_ns - cpu_ns;
    }
    moments.push_back({begin_ns, NodeOf(sample.stack)});
    end_ns = sample.time_ns;
  }
  moments.push_back({end_ns, kRootNode});
  return moments;
}

// The stack tree with what each node and everything below it weighs.
struct Tree {
  std::vector<int64_t> self;
  std::vector<int64_t> total;
  std::vector<std::vector<StackId>> children;
  std::vector<bool> used;

  explicit Tree(const Profile& profile)
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
};

// Heaviest first at every level, and each stack's own weight after its callees'.
std::vector<StackId> LeftHeavyOrder(const Tree& tree) {
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

std::vector<Moment> FromWeights(const Profile& profile, const Tree& tree) {
  std::vector<int64_t> cpu_ns(tree.self.size());
  for (const Sample& sample : profile.samples()) {
    int64_t ns = CpuNs(profile, sample.weight, sample.cpu_ns);
    if (ns == 0) ns = SaturatingProduct(sample.weight, kDefaultPeriodNs);
    cpu_ns[sample.stack] = SaturatingSum(cpu_ns[sample.stack], ns);
  }
  std::vector<Moment> moments;
  int64_t now_ns = profile.start_ns;
  for (const StackId stack : LeftHeavyOrder(tree)) {
    if (cpu_ns[stack] == 0) continue;
    moments.push_back({now_ns, NodeOf(stack)});
    now_ns = SaturatingSum(now_ns, cpu_ns[stack]);
  }
  moments.push_back({now_ns, kRootNode});
  return moments;
}

class Writer {
 public:
  explicit Writer(const Profile& profile) : profile_(profile), tree_(profile) {}

  std::string Write() {
    const std::vector<Moment> moments =
        profile_.timeline().empty() ? FromWeights(profile_, tree_) : FromTimeline(profile_);
    has_idle_ = std::any_of(moments.begin(), moments.end(),
                            [](const Moment& m) { return m.node == kIdleNode; });
    json_.BeginObject().Key("nodes").BeginArray();
    WriteRoot();
    for (StackId id = 1; id < tree_.self.size(); ++id) {
      if (tree_.used[id]) WriteStack(id);
    }
    json_.EndArray();
    WriteMoments(moments);
    json_.EndObject();
    return json_.Take();
  }

 private:
  void WriteRoot() {
    WriteNode(kRootNode, "(root)", 0, "", 0);
    json_.Key("hitCount").Int(tree_.self[0]).Key("children").BeginArray();
    if (has_idle_) json_.Uint(kIdleNode);
    for (const StackId child : tree_.children[0]) json_.Uint(NodeOf(child));
    json_.EndArray().EndObject();
    if (!has_idle_) return;
    WriteNode(kIdleNode, "(idle)", 0, "", 0);
    json_.Key("hitCount").Int(0).EndObject();
  }

  void WriteStack(StackId id) {
    const Frame& frame = profile_.frames()[profile_.stacks()[id].frame];
    const StringId module = profile_.mappings()[frame.mapping].module;
    WriteNode(NodeOf(id), profile_.String(frame.name),
              kFirstScriptId + (frame.file != 0 ? frame.file : module), Url(frame), frame.line);
    json_.Key("hitCount").Int(tree_.self[id]);
    if (!tree_.children[id].empty()) {
      json_.Key("children").BeginArray();
      for (const StackId child : tree_.children[id]) json_.Uint(NodeOf(child));
      json_.EndArray();
    }
    json_.EndObject();
  }

  // Leaves the node's object open. `line` counts from 1, 0 = unknown; the format counts from 0.
  void WriteNode(uint64_t id, std::string_view name, uint64_t script, std::string_view url,
                 uint32_t line) {
    json_.BeginObject().Key("id").Uint(id).Key("callFrame").BeginObject();
    json_.Key("functionName").String(name).Key("scriptId").String(std::to_string(script));
    json_.Key("url").String(url).Key("lineNumber").Int(int64_t{line} - 1);
    json_.Key("columnNumber").Int(line == 0 ? -1 : 0).EndObject();
  }

  std::string Url(const Frame& frame) const {
    const std::string& file = profile_.String(frame.file);
    if (!file.empty()) return file[0] == '/' ? "file://" + file : file;
    return "native:" + profile_.String(profile_.mappings()[frame.mapping].module);
  }

  // Differences of rounded moments: rounding each length instead would let the axis drift.
  void WriteMoments(const std::vector<Moment>& moments) {
    json_.Key("startTime").Int(moments.front().time_ns / kNsPerUs);
    json_.Key("endTime").Int(moments.back().time_ns / kNsPerUs);
    json_.Key("samples").BeginArray();
    for (const Moment& moment : moments) json_.Uint(moment.node);
    json_.EndArray().Key("timeDeltas").BeginArray();
    int64_t before_us = moments.front().time_ns / kNsPerUs;
    for (const Moment& moment : moments) {
      json_.Int(moment.time_ns / kNsPerUs - before_us);
      before_us = moment.time_ns / kNsPerUs;
    }
    json_.EndArray();
  }

  const Profile& profile_;
  const Tree tree_;
  JsonWriter json_;
  bool has_idle_ = false;
};

}  // namespace

std::string EncodeCpuProfile(const Profile& profile) { return Writer(profile).Write(); }

}  // namespace stacksampler
