// SPDX-License-Identifier: MIT
//
// Purpose: finds a call tree's node by (parent, name) while the tree grows.
// Thread safety: none.
// Signal safety: none.
#ifndef STACKSAMPLER_PROFILE_CHILD_INDEX_H_
#define STACKSAMPLER_PROFILE_CHILD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile/call_tree.h"
#include "stacksampler/id_table.h"

namespace stacksampler {

class ChildIndex {
 public:
  static constexpr uint32_t kNone = IdTable::kNone;

  /// `nodes` must outlive the index; node 0 is nobody's child.
  ChildIndex(const std::vector<CallNode>& nodes, size_t expected) : nodes_(nodes) {
    ids_.Reserve(expected);
  }

  /// The child's id, kNone when there is no such child yet.
  [[nodiscard]] uint32_t Find(uint32_t parent, uint32_t name) const {
    return ids_.Find(ids_.Of(parent, name), [=, this](uint32_t node) {
      return nodes_[node].parent == parent && nodes_[node].name == name;
    });
  }

  /// Adds the last of the nodes. REQUIRES: Find() knows no such child.
  void AddLast() {
    const auto hash_of = [this](uint32_t node) {
      return ids_.Of(nodes_[node].parent, nodes_[node].name);
    };
    const auto last = static_cast<uint32_t>(nodes_.size() - 1);
    ids_.FindOrAdd(
        hash_of(last), last, [](uint32_t) { return false; }, hash_of);
  }

 private:
  const std::vector<CallNode>& nodes_;
  IdTable ids_{1};
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CHILD_INDEX_H_
