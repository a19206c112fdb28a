// SPDX-License-Identifier: MIT
#include "profile/call_tree.h"

#include <algorithm>

#include "profile/stack_tree.h"

namespace stacksampler {

TreeUnit UnitOf(const Profile& profile) {
  const auto& samples = profile.samples();
  const bool unknown_period = std::any_of(samples.begin(), samples.end(), [](const Sample& s) {
    return s.weight != 0 && s.cpu_ns == 0;
  });
  return unknown_period ? TreeUnit::kSamples : TreeUnit::kCpuMicroseconds;
}

CallTree BuildCallTree(const Profile& profile, const CallTreeOptions& options) {
  const StackTree stacks(profile, options.unit, options.group_by);
  return WholeTree(stacks, options.order);
}

CallTree WholeTree(const StackTree& stacks, SiblingOrder order) {
  return {{stacks.texts()}, stacks.unit(), stacks.Subtree(stacks.Find({}), order, 0)};
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
