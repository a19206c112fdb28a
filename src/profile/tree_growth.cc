// SPDX-License-Identifier: MIT
#include "profile/tree_growth.h"

#include <algorithm>
#include <tuple>

namespace stacksampler {

std::vector<CallNode> TreeGrowth::Grow(const StackTree::Place& root) {
  stacks_ = root.stacks;
  pending_ = {{root.stacks.size(), root.total, 0, 0}};
  while (!pending_.empty()) {
    const Pending next = pending_.back();
    pending_.pop_back();
    Make(next);
  }
  SetEnds(&nodes_);
  return std::move(nodes_);
}

void TreeGrowth::Make(const Pending& pending) {
  const StackTree::Look& look = tree_.LookOf(stacks_[stacks_.size() - pending.stacks]);
  CallNode node;
  node.parent = pending.parent;
  node.depth = pending.depth;
  node.name = look.name;
  node.module = look.module;
  node.inlined = look.inlined;
  node.total = node.self = pending.total;
  TakeCallees(pending.stacks);
  MergeSiblings();
  SortSiblings();
  const auto here = static_cast<uint32_t>(nodes_.size());
  for (size_t i = siblings_.size(); i-- > 0;) {  // the first is made next
    node.self -= siblings_[i].total;
    if (siblings_[i].total < least_total_) {
      node.hidden += siblings_[i].total;
    } else {
      Await(siblings_[i], pending, here);
    }
  }
  nodes_.push_back(node);
}

void TreeGrowth::TakeCallees(size_t stacks) {
  callees_.clear();
  for (size_t i = stacks_.size() - stacks; i < stacks_.size(); ++i) {
    for (const StackId callee : tree_.Callees(stacks_[i])) {
      callees_.push_back({tree_.LookOf(callee).name, callee});
    }
  }
  stacks_.resize(stacks_.size() - stacks);
}

void TreeGrowth::MergeSiblings() {
  std::sort(callees_.begin(), callees_.end(), [](const Callee& a, const Callee& b) {
    return std::tie(a.name, a.stack) < std::tie(b.name, b.stack);
  });
  siblings_.clear();
  for (size_t i = 0; i < callees_.size(); ++i) {
    if (i == 0 || callees_[i].name != callees_[i - 1].name) siblings_.push_back({i, i, 0});
    siblings_.back().end = i + 1;
    siblings_.back().total += tree_.Total(callees_[i].stack);
  }
}

void TreeGrowth::SortSiblings() {
  const std::vector<std::string>& names = tree_.texts().names;
  std::sort(siblings_.begin(), siblings_.end(), [&](const Sibling& a, const Sibling& b) {
    if (order_ == SiblingOrder::kHeavyFirst && a.total != b.total) return a.total > b.total;
    return names[callees_[a.begin].name] < names[callees_[b.begin].name];
  });
}

void TreeGrowth::Await(const Sibling& sibling, const Pending& parent, uint32_t parent_node) {
  for (size_t i = sibling.begin; i < sibling.end; ++i) stacks_.push_back(callees_[i].stack);
  pending_.push_back({sibling.end - sibling.begin, sibling.total, parent_node, parent.depth + 1});
}

}  // namespace stacksampler
