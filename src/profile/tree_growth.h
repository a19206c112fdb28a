// SPDX-License-Identifier: MIT
//
// Purpose: makes the nodes of a StackTree, in preorder, as far down as they are heavy enough.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_TREE_GROWTH_H_
#define STACKSAMPLER_PROFILE_TREE_GROWTH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile/stack_tree.h"

namespace stacksampler {

class TreeGrowth {
 public:
  /// `tree` must outlive it.
  TreeGrowth(const StackTree& tree, SiblingOrder order, int64_t least_total)
      : tree_(tree), order_(order), least_total_(least_total) {}

  std::vector<CallNode> Grow(const StackTree::Place& root);

 private:
  /// A node that is to be made, of the last `stacks` of stacks_ when its turn comes.
  struct Pending {
    size_t stacks = 0;
    int64_t total = 0;
    uint32_t parent = 0;
    uint32_t depth = 0;
  };
  struct Callee {
    uint32_t name;
    StackId stack;
  };
  /// Callees of one name: one node.
  struct Sibling {
    size_t begin;  // in callees_
    size_t end;
    int64_t total;
  };

  void Make(const Pending& pending);
  void TakeCallees(size_t stacks);
  void MergeSiblings();
  void SortSiblings();
  void Await(const Sibling& sibling, const Pending& parent, uint32_t parent_node);

  const StackTree& tree_;
  const SiblingOrder order_;
  const int64_t least_total_;
  std::vector<CallNode> nodes_;
  std::vector<Pending> pending_;
  std::vector<StackId> stacks_;  // of all that is pending
  std::vector<Callee> callees_;  // of the node that is being made, as what follows
  std::vector<Sibling> siblings_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_TREE_GROWTH_H_
