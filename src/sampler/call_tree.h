// SPDX-License-Identifier: MIT
//
// Purpose: all stacks seen, as a tree of addresses with a cap on its nodes.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
// Units: 24 bytes a node (16 and two half-used index words) between doublings.
#ifndef STACKSAMPLER_SAMPLER_CALL_TREE_H_
#define STACKSAMPLER_SAMPLER_CALL_TREE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/code_address.h"

namespace stacksampler::sampling {

/// Dense; a parent's id is smaller than its children's.
using NodeId = uint32_t;

class CallTree {
 public:
  static constexpr NodeId kRoot = 0;
  static constexpr NodeId kNone = UINT32_MAX;

  struct Node {
    CodeAddress address;
    NodeId parent = kNone;
  };

  /// Holds at most `max_nodes` nodes, the root not counted.
  explicit CallTree(size_t max_nodes);

  /// The stack `parent` with `address` called from its leaf; kNone when it would be a new node and
  /// the cap is reached.
  NodeId Child(NodeId parent, const CodeAddress& address);

  [[nodiscard]] const Node& Get(NodeId id) const { return nodes_[id]; }
  [[nodiscard]] size_t bytes() const {
    return nodes_.capacity() * sizeof(Node) + buckets_.capacity() * sizeof(NodeId);
  }
  [[nodiscard]] size_t size() const { return nodes_.size(); }

 private:
  [[nodiscard]] size_t FindBucket(NodeId parent, const CodeAddress& address) const;
  void Grow();

  size_t max_nodes_;
  std::vector<Node> nodes_;
  // Open addressing, linear probing; size is a power of two, at most half full. kRoot = empty: the
  // root is nobody's child.
  std::vector<NodeId> buckets_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_CALL_TREE_H_
