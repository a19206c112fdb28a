// SPDX-License-Identifier: MIT
#include "profile/tree_builder.h"

#include <algorithm>
#include <numeric>

namespace stacksampler {
namespace {

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

void SortSiblings(const std::vector<CallNode>& nodes, const std::vector<std::string>& names,
                  SiblingOrder order, Children* children) {
  const std::vector<uint32_t> rank = RankNames(names);
  const auto before = [&](uint32_t a, uint32_t b) {
    const CallNode& left = nodes[a];
    const CallNode& right = nodes[b];
    if (order == SiblingOrder::kHeavyFirst && left.total != right.total) {
      return left.total > right.total;
    }
    return rank[left.name] < rank[right.name];
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::sort(children->ids.begin() + children->begin[i],
              children->ids.begin() + children->begin[i + 1], before);
  }
}

std::vector<CallNode> Preorder(const std::vector<CallNode>& nodes, const Children& children,
                               std::vector<uint32_t>* ids) {
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
    if (ids != nullptr) ids->push_back(next.id);
    for (uint32_t i = children.begin[next.id + 1]; i-- > children.begin[next.id];) {
      pending.push_back({children.ids[i], here, next.depth + 1});
    }
  }
  SetEnds(&ordered);
  return ordered;
}

}  // namespace

TreeBuilder::TreeBuilder(size_t expected_nodes, const CallNode& root)
    : children_(nodes_, expected_nodes) {
  nodes_.reserve(expected_nodes);
  CallNode node;
  node.name = root.name;
  node.module = root.module;
  node.inlined = root.inlined;
  nodes_.push_back(node);
}

uint32_t TreeBuilder::Add(uint32_t parent, const CallNode& like) {
  CallNode node;
  node.parent = parent;
  node.name = like.name;
  node.module = like.module;
  node.inlined = like.inlined;
  nodes_.push_back(node);
  children_.AddLast();
  return static_cast<uint32_t>(nodes_.size() - 1);
}

void TreeBuilder::SumTotals() {
  for (size_t i = nodes_.size(); i-- > 0;) {
    nodes_[i].total += nodes_[i].self;
    if (i > 0) nodes_[nodes_[i].parent].total += nodes_[i].total;
  }
}

std::vector<CallNode> TreeBuilder::Finish(const std::vector<std::string>& names, SiblingOrder order,
                                          std::vector<uint32_t>* ids) {
  SumTotals();
  Children children = ChildrenByParent(nodes_);
  SortSiblings(nodes_, names, order, &children);
  return Preorder(nodes_, children, ids);
}

}  // namespace stacksampler
