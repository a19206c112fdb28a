// SPDX-License-Identifier: MIT
//
// Purpose: a call tree while it grows: nodes found by (parent, name), put into order at the end.
// Shapes: a parent's id is smaller than its child's; node 0 is the root. Names and modules are
//   numbers of the caller's.
// Cost: no recursion, no allocation per node.
// Thread safety: none.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_TREE_BUILDER_H_
#define STACKSAMPLER_PROFILE_TREE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "profile/child_index.h"

namespace stacksampler {

class TreeBuilder {
 public:
  /// The root takes name, module and inlined from `root`.
  explicit TreeBuilder(size_t expected_nodes, const CallNode& root = {});
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  /// The child of that name, ChildIndex::kNone when there is none yet.
  [[nodiscard]] uint32_t Find(uint32_t parent, uint32_t name) const {
    return children_.Find(parent, name);
  }
  /// REQUIRES: Find() knows no such child. Takes name, module and inlined from `like`.
  uint32_t Add(uint32_t parent, const CallNode& like);
  uint32_t FindOrAdd(uint32_t parent, const CallNode& like) {
    const uint32_t known = Find(parent, like.name);
    return known != ChildIndex::kNone ? known : Add(parent, like);
  }
  [[nodiscard]] size_t size() const { return nodes_.size(); }
  int64_t& Self(uint32_t node) { return nodes_[node].self; }

  /// Sums the totals and gives the nodes in preorder, siblings in `order` by `names`; where asked,
  /// also the id that each had here. Ends the builder's use.
  std::vector<CallNode> Finish(const std::vector<std::string>& names, SiblingOrder order,
                               std::vector<uint32_t>* ids = nullptr);

 private:
  void SumTotals();

  std::vector<CallNode> nodes_;
  ChildIndex children_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_TREE_BUILDER_H_
