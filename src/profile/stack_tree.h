// SPDX-License-Identifier: MIT
//
// Purpose: a profile's stacks as a tree whose nodes are made when they are asked for: what a screen
//   can show of a million calls is made out of some thousand of them.
// Shapes: a node is the stacks that reach it through frames of the same names: one, mostly. Stack 0
//   is the empty one. Where stacks are grouped by a label each group has its own.
// Invariant: a node's total holds all that runs through it, whatever part of the tree is made.
// Cost: two passes over the stacks, and 20 bytes for each; no recursion, no lookup by hash.
// Thread safety: const members may be called from several threads.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_STACK_TREE_H_
#define STACKSAMPLER_PROFILE_STACK_TREE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "stacksampler/profile.h"

namespace stacksampler {

class StackTree {
 public:
  /// A frame, or a group's, as the tree shows it.
  struct Look {
    uint32_t name = 0;    // index into names
    uint32_t module = 0;  // index into modules
    bool inlined = false;
  };
  /// The node at the end of the longest prefix of a path that exists.
  struct Place {
    std::vector<StackId> stacks;  // never empty, ascending
    int64_t total = 0;
    size_t matched = 0;  // names of the path that were found
  };

  /// Each stack's CPU time is rounded to the microsecond once; totals are sums of what was rounded.
  StackTree(const Profile& profile, TreeUnit unit, const std::string& group_by);

  [[nodiscard]] TreeUnit unit() const { return unit_; }
  [[nodiscard]] const TreeTexts& texts() const { return texts_; }
  [[nodiscard]] int64_t total() const { return totals_.front(); }
  [[nodiscard]] size_t bytes() const;

  [[nodiscard]] Place Find(const std::vector<std::string>& path) const;
  /// What Prune() leaves of the subtree at `root` with siblings in that order.
  [[nodiscard]] std::vector<CallNode> Subtree(const Place& root, SiblingOrder order,
                                              int64_t least_total) const;

  // ---- Stack by stack; one's number is higher than its caller's.
  [[nodiscard]] size_t stack_count() const { return frames_.size(); }
  [[nodiscard]] const Look& LookOf(StackId stack) const { return looks_[frames_[stack]]; }
  [[nodiscard]] int64_t Total(StackId stack) const { return totals_[stack]; }
  [[nodiscard]] std::span<const StackId> Callees(StackId stack) const {
    return {callees_.data() + begin_[stack], callees_.data() + begin_[stack + 1]};
  }

 private:
  void AddSample(StackId stack, const Sample& sample);
  void Round();
  void Link(const std::vector<StackNode>& stacks);
  void SetLooks(const Profile& profile, const std::vector<std::string>& groups);

  TreeUnit unit_;
  TreeTexts texts_;
  std::vector<Look> looks_;       // 0 is the empty stack's, then come the frames' and the groups'
  std::vector<uint32_t> frames_;  // index into looks_, by stack as what follows
  std::vector<int64_t> totals_;
  std::vector<uint8_t> is_used_;  // some sample runs through it; empty when the tree is made
  std::vector<uint32_t> begin_;   // of its callees
  std::vector<StackId> callees_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_STACK_TREE_H_
