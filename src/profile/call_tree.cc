// SPDX-License-Identifier: MIT
#include "profile/call_tree.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "profile/child_index.h"

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
        children_(nodes_, profile.stacks().size()) {
    nodes_.reserve(profile.stacks().size());
    nodes_.emplace_back();
  }

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
  void SumTotals();

  const Profile& profile_;
  const CallTreeOptions& options_;
  Dictionary names_;
  Dictionary modules_;
  std::vector<uint32_t> names_of_;    // by StringId
  std::vector<uint32_t> modules_of_;  // by MappingId
  std::vector<CallNode> nodes_;
  ChildIndex children_;
};

CallTree Merger::Merge() {
  AddSamples();
  SumTotals();
  return {options_.unit, names_.Take(), modules_.Take(), std::move(nodes_)};
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
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return group_of[samples[a].labels] < group_of[samples[b].labels];
  });
  std::vector<Place> places(profile_.stacks().size());
  for (const uint32_t i : order) {
    const Sample& sample = samples[i];
    const uint32_t node = NodeOf(sample.stack, group_of[sample.labels], &places);
    nodes_[node].self += options_.unit == TreeUnit::kSamples ? sample.weight : sample.cpu_ns;
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
  const uint32_t known = children_.Find(parent, name);
  if (known != ChildIndex::kNone) return known;
  CallNode node;
  node.parent = parent;
  node.name = name;
  if (frame != kNone) {
    node.module = ModuleOf(profile_.frames()[frame]);
    node.inlined = profile_.frames()[frame].inlined;
  }
  nodes_.push_back(node);
  children_.AddLast();
  return static_cast<uint32_t>(nodes_.size() - 1);
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

void Merger::SumTotals() {
  if (options_.unit == TreeUnit::kCpuMicroseconds) {
    for (CallNode& node : nodes_) {
      node.self = (node.self + kNsPerMicrosecond / 2) / kNsPerMicrosecond;
    }
  }
  for (size_t i = nodes_.size(); i-- > 0;) {
    nodes_[i].total += nodes_[i].self;
    if (i > 0) nodes_[nodes_[i].parent].total += nodes_[i].total;
  }
}

/// Children of all nodes in one array: those of node i are [begin[i], begin[i + 1]).
struct Children {
  std::vector<uint32_t> begin;
  std::vector<uint32_t> ids;
};

Children ChildrenByParent(const std::vector<CallNode>& nodes) {
  Children children;
  children.begin.resize(nodes.size() + 1);
  for (size_t i = 1; i < nodes.size(); ++i) ++children.begin[nodes[i].parent + 1];
  std::partial_sum(children.begin.begin(), children.begin.end(), children.begin.begin());
  children.ids.resize(nodes.size() - 1);
  std::vector<uint32_t> next(children.begin.begin(), children.begin.end() - 1);
  for (size_t i = 1; i < nodes.size(); ++i) {
    children.ids[next[nodes[i].parent]++] = static_cast<uint32_t>(i);
  }
  return children;
}

/// rank[name] is the name's place among all names in order of bytes.
std::vector<uint32_t> RankNames(const std::vector<std::string>& names) {
  std::vector<uint32_t> sorted(names.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  std::sort(sorted.begin(), sorted.end(),
            [&](uint32_t a, uint32_t b) { return names[a] < names[b]; });
  std::vector<uint32_t> rank(names.size());
  for (size_t i = 0; i < sorted.size(); ++i) rank[sorted[i]] = static_cast<uint32_t>(i);
  return rank;
}

void SortSiblings(const CallTree& tree, SiblingOrder order, Children* children) {
  const std::vector<uint32_t> rank = RankNames(tree.names);
  const auto before = [&](uint32_t a, uint32_t b) {
    const CallNode& left = tree.nodes[a];
    const CallNode& right = tree.nodes[b];
    if (order == SiblingOrder::kHeavyFirst && left.total != right.total) {
      return left.total > right.total;
    }
    return rank[left.name] < rank[right.name];
  };
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    std::sort(children->ids.begin() + children->begin[i],
              children->ids.begin() + children->begin[i + 1], before);
  }
}

/// Sets `end` from the parents. REQUIRES: preorder.
void SetEnds(std::vector<CallNode>* nodes) {
  for (size_t i = nodes->size(); i-- > 0;) {
    CallNode& node = (*nodes)[i];
    node.end = std::max(node.end, static_cast<uint32_t>(i + 1));
    if (i > 0) (*nodes)[node.parent].end = std::max((*nodes)[node.parent].end, node.end);
  }
}

std::vector<CallNode> Preorder(const std::vector<CallNode>& nodes, const Children& children) {
  std::vector<CallNode> ordered;
  ordered.reserve(nodes.size());
  struct Pending {
    uint32_t id;
    uint32_t parent;  // in the new order
    uint32_t depth;
  };
  std::vector<Pending> pending = {{0, 0, 0}};
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    const auto here = static_cast<uint32_t>(ordered.size());
    ordered.push_back(nodes[next.id]);
    ordered.back().parent = next.parent;
    ordered.back().depth = next.depth;
    for (uint32_t i = children.begin[next.id + 1]; i-- > children.begin[next.id];) {
      pending.push_back({children.ids[i], here, next.depth + 1});
    }
  }
  SetEnds(&ordered);
  return ordered;
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
  CallTree tree = Merger(profile, options).Merge();
  Children children = ChildrenByParent(tree.nodes);
  SortSiblings(tree, options.order, &children);
  tree.nodes = Preorder(tree.nodes, children);
  return tree;
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

std::vector<CallNode> Prune(const CallTree& tree, uint32_t root, int64_t least_total) {
  std::vector<CallNode> kept;
  std::vector<uint32_t> path;  // places in `kept` of the last node's ancestors and itself
  const uint32_t base_depth = tree.nodes[root].depth;
  for (uint32_t i = root; i < tree.nodes[root].end;) {
    CallNode node = tree.nodes[i];
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
    ++i;
  }
  SetEnds(&kept);
  return kept;
}

}  // namespace stacksampler
