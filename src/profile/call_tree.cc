// SPDX-License-Identifier: MIT
#include "profile/call_tree.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "profile/tree_builder.h"

namespace stacksampler {
namespace {

constexpr int64_t kNsPerMicrosecond = 1000;
constexpr uint32_t kNone = UINT32_MAX;

/// Distinct strings and their places in a vector, in order of first appearance.
class Dictionary {
 public:
  Dictionary() { Intern(""); }
  uint32_t Intern(const std::string& text) {
    const auto [it, added] = ids_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
    if (added) texts_.push_back(text);
    return it->second;
  }
  std::vector<std::string> Take() { return std::move(texts_); }

 private:
  std::unordered_map<std::string, uint32_t> ids_;
  std::vector<std::string> texts_;
};

/// Merges stacks into nodes; a parent's index is smaller than its child's, siblings are in any
/// order.
class Merger {
 public:
  Merger(const Profile& profile, const CallTreeOptions& options)
      : profile_(profile),
        options_(options),
        names_of_(profile.strings().size(), kNone),
        modules_of_(profile.mappings().size(), kNone),
        builder_(profile.stacks().size()) {}

  CallTree Merge();

 private:
  struct Place {
    uint32_t group = kNone;
    uint32_t node = 0;
  };

  void AddSamples();
  uint32_t GroupNode(const Labels& labels);
  uint32_t NodeOf(StackId stack, uint32_t group, std::vector<Place>* places);
  uint32_t Child(uint32_t parent, uint32_t name, FrameId frame);
  uint32_t NameOf(const Frame& frame);
  uint32_t ModuleOf(const Frame& frame);
  void RoundToMicroseconds();

  const Profile& profile_;
  const CallTreeOptions& options_;
  Dictionary names_;
  Dictionary modules_;
  std::vector<uint32_t> names_of_;    // by StringId
  std::vector<uint32_t> modules_of_;  // by MappingId
  TreeBuilder builder_;
};

CallTree Merger::Merge() {
  AddSamples();
  if (options_.unit == TreeUnit::kCpuMicroseconds) RoundToMicroseconds();
  CallTree tree = {options_.unit, names_.Take(), modules_.Take(), {}};
  tree.nodes = builder_.Finish(tree.names, options_.order);
  return tree;
}

// Group by group, so that one table of places serves all of them without being cleared.
void Merger::AddSamples() {
  const auto& samples = profile_.samples();
  std::vector<uint32_t> group_of(profile_.label_sets().size(), kNone);  // by label set
  for (const Sample& sample : samples) {
    uint32_t& group = group_of[sample.labels];
    if (group == kNone) group = GroupNode(profile_.label_sets()[sample.labels]);
  }
  std::vector<uint32_t> order(samples.size());
  std::iota(order.begin(), order.end(), 0);
  if (!options_.group_by.empty()) {
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return group_of[samples[a].labels] < group_of[samples[b].labels];
    });
  }
  std::vector<Place> places(profile_.stacks().size());
  for (const uint32_t i : order) {
    const Sample& sample = samples[i];
    const uint32_t node = NodeOf(sample.stack, group_of[sample.labels], &places);
    builder_.Self(node) += options_.unit == TreeUnit::kSamples ? sample.weight : sample.cpu_ns;
  }
}

uint32_t Merger::GroupNode(const Labels& labels) {
  if (options_.group_by.empty()) return 0;
  std::string name = "[no " + options_.group_by + "]";
  for (const auto& [key, value] : labels) {
    if (key == options_.group_by && !value.empty()) name = value;
  }
  return Child(0, names_.Intern(name), kNone);
}

uint32_t Merger::NodeOf(StackId stack, uint32_t group, std::vector<Place>* places) {
  std::vector<StackId> unknown;  // leaf first
  for (; stack != 0 && (*places)[stack].group != group; stack = profile_.stacks()[stack].parent) {
    unknown.push_back(stack);
  }
  uint32_t node = stack == 0 ? group : (*places)[stack].node;
  for (auto it = unknown.rbegin(); it != unknown.rend(); ++it) {
    const FrameId frame = profile_.stacks()[*it].frame;
    node = Child(node, NameOf(profile_.frames()[frame]), frame);
    (*places)[*it] = {group, node};
  }
  return node;
}

uint32_t Merger::Child(uint32_t parent, uint32_t name, FrameId frame) {
  const uint32_t known = builder_.Find(parent, name);
  if (known != ChildIndex::kNone) return known;
  CallNode node;
  node.name = name;
  if (frame != kNone) {
    node.module = ModuleOf(profile_.frames()[frame]);
    node.inlined = profile_.frames()[frame].inlined;
  }
  return builder_.Add(parent, node);
}

uint32_t Merger::NameOf(const Frame& frame) {
  uint32_t& name = names_of_[frame.name];
  if (name == kNone) name = names_.Intern(profile_.String(frame.name));
  return name;
}

uint32_t Merger::ModuleOf(const Frame& frame) {
  uint32_t& module = modules_of_[frame.mapping];
  if (module == kNone) {
    module = modules_.Intern(profile_.String(profile_.mappings()[frame.mapping].module));
  }
  return module;
}

void Merger::RoundToMicroseconds() {
  for (uint32_t i = 0; i < builder_.size(); ++i) {
    int64_t& self = builder_.Self(i);
    self = (self + kNsPerMicrosecond / 2) / kNsPerMicrosecond;
  }
}

}  // namespace

TreeUnit UnitOf(const Profile& profile) {
  const auto& samples = profile.samples();
  const bool unknown_period = std::any_of(samples.begin(), samples.end(), [](const Sample& s) {
    return s.weight != 0 && s.cpu_ns == 0;
  });
  return unknown_period ? TreeUnit::kSamples : TreeUnit::kCpuMicroseconds;
}

CallTree BuildCallTree(const Profile& profile, const CallTreeOptions& options) {
  return Merger(profile, options).Merge();
}

PathMatch FindPath(const CallTree& tree, const std::vector<std::string>& path) {
  PathMatch match;
  for (const std::string& name : path) {
    const uint32_t end = tree.nodes[match.node].end;
    uint32_t child = match.node + 1;
    while (child < end && tree.Name(tree.nodes[child]) != name) child = tree.nodes[child].end;
    if (child >= end) break;
    match.node = child;
    ++match.matched;
  }
  return match;
}

void SetEnds(std::vector<CallNode>* nodes) {
  for (size_t i = nodes->size(); i-- > 0;) {
    CallNode& node = (*nodes)[i];
    node.end = std::max(node.end, static_cast<uint32_t>(i + 1));
    if (i > 0) (*nodes)[node.parent].end = std::max((*nodes)[node.parent].end, node.end);
  }
}

std::vector<CallNode> Prune(const std::vector<CallNode>& nodes, uint32_t root, int64_t least_total,
                            std::vector<uint32_t>* places) {
  std::vector<CallNode> kept;
  std::vector<uint32_t> path;  // places in `kept` of the last node's ancestors and itself
  const uint32_t base_depth = nodes[root].depth;
  for (uint32_t i = root; i < nodes[root].end;) {
    CallNode node = nodes[i];
    node.depth -= base_depth;
    node.parent = i == root ? 0 : path[node.depth - 1];
    if (i != root && node.total < least_total) {
      kept[node.parent].hidden += node.total;
      i = node.end;
      continue;
    }
    path.resize(node.depth);
    path.push_back(static_cast<uint32_t>(kept.size()));
    node.end = 0;
    kept.push_back(node);
    if (places != nullptr) places->push_back(i);
    ++i;
  }
  SetEnds(&kept);
  return kept;
}

}  // namespace stacksampler
