// SPDX-License-Identifier: MIT
//
// Purpose: finds a call tree's node by (parent, name) while the tree grows. Holds only node ids, in
//   one flat table probed linearly: a million nodes cost a few megabytes and no allocation each.
// Thread safety: none.
// Signal safety: none.
#ifndef STACKSAMPLER_PROFILE_CHILD_INDEX_H_
#define STACKSAMPLER_PROFILE_CHILD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile/call_tree.h"

namespace stacksampler {

class ChildIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// `nodes` must outlive the index; node 0 is nobody's child.
  ChildIndex(const std::vector<CallNode>& nodes, size_t expected) : nodes_(nodes) {
    size_t size = 16;
    while (size < 2 * expected) size *= 2;
    slots_.assign(size, kNone);
  }

  /// The child's id, kNone when there is no such child yet.
  [[nodiscard]] uint32_t Find(uint32_t parent, uint32_t name) const {
    return slots_[Place(parent, name)];
  }

  /// Adds the last of the nodes.
  void AddLast() {
    if (2 * nodes_.size() > slots_.size()) return Grow();
    Add(static_cast<uint32_t>(nodes_.size() - 1));
  }

 private:
  // Never more than half full, so that the walk always ends.
  [[nodiscard]] size_t Place(uint32_t parent, uint32_t name) const {
    const uint64_t key = (uint64_t{parent} << 32 | name) * 0x9e3779b97f4a7c15ull;
    const size_t mask = slots_.size() - 1;
    size_t place = (key >> 32) & mask;
    while (slots_[place] != kNone && !Is(slots_[place], parent, name)) place = (place + 1) & mask;
    return place;
  }
  [[nodiscard]] bool Is(uint32_t node, uint32_t parent, uint32_t name) const {
    return nodes_[node].parent == parent && nodes_[node].name == name;
  }
  void Add(uint32_t node) { slots_[Place(nodes_[node].parent, nodes_[node].name)] = node; }
  void Grow() {
    slots_.assign(2 * slots_.size(), kNone);
    for (uint32_t i = 1; i < nodes_.size(); ++i) Add(i);
  }

  const std::vector<CallNode>& nodes_;
  std::vector<uint32_t> slots_;  // a power of two
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CHILD_INDEX_H_
