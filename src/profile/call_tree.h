// SPDX-License-Identifier: MIT
//
// Purpose: a profile as a flame graph draws it: one tree of calls, frames of one name under one
//   parent merged, siblings in order, prunable to what a screen can show.
// Shapes: nodes stand in preorder; node 0 is the root of all. A node's subtree is [i, end), its
//   first child is i + 1 and the next sibling of a child c is nodes[c].end.
// Invariant: total = self + hidden + the children's totals; hidden is 0 before pruning.
// Cost: no recursion: stacks may be tens of thousands of frames deep.
// Thread safety: values.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_CALL_TREE_H_
#define STACKSAMPLER_PROFILE_CALL_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler {

enum class TreeUnit { kSamples, kCpuMicroseconds };
enum class SiblingOrder { kHeavyFirst, kByName };

struct CallTreeOptions {
  TreeUnit unit = TreeUnit::kCpuMicroseconds;
  SiblingOrder order = SiblingOrder::kHeavyFirst;
  /// This label's value becomes the first frame under the root ("[no thread]" where there is none);
  /// "" for no such level.
  std::string group_by;
};

struct CallNode {
  uint32_t parent = 0;
  uint32_t end = 0;      // one past the last node of the subtree
  uint32_t depth = 0;    // 0 for node 0
  uint32_t name = 0;     // index into CallTree::names
  uint32_t module = 0;   // index into CallTree::modules; of the first frame seen under this name
  bool inlined = false;  // likewise
  int64_t total = 0;
  int64_t self = 0;
  int64_t hidden = 0;  // total of the children that Prune() left out
};

/// To the nearest, halves up, for times up to 2^63 - 1.
constexpr int64_t RoundedMicroseconds(int64_t ns) {
  constexpr int64_t kNsPerMicrosecond = 1000;
  return ns / kNsPerMicrosecond + (ns % kNsPerMicrosecond >= kNsPerMicrosecond / 2 ? 1 : 0);
}

struct TreeTexts {
  std::vector<std::string> names;    // distinct; names[0] is "", the root's
  std::vector<std::string> modules;  // distinct; modules[0] is "", for unknown
};

struct CallTree : TreeTexts {
  TreeUnit unit = TreeUnit::kCpuMicroseconds;
  std::vector<CallNode> nodes;  // never empty

  [[nodiscard]] const std::string& Name(const CallNode& node) const { return names[node.name]; }
};

/// CPU time, unless a sample's period is unknown: then only samples can be compared.
[[nodiscard]] TreeUnit UnitOf(const Profile& profile);

class StackTree;

[[nodiscard]] CallTree BuildCallTree(const Profile& profile, const CallTreeOptions& options);
/// All of its nodes.
[[nodiscard]] CallTree WholeTree(const StackTree& stacks, SiblingOrder order);

struct PathMatch {
  uint32_t node = 0;
  size_t matched = 0;  // names of the path that were found
};
/// The node at the end of the longest prefix of `path` (names, root first) that exists.
[[nodiscard]] PathMatch FindPath(const CallTree& tree, const std::vector<std::string>& path);

/// The subtree of `root` without nodes whose total is below `least_total`; each counts in its
/// parent's `hidden`. The root always stays. `places`, where given, gets each node's place in
/// `nodes`.
[[nodiscard]] std::vector<CallNode> Prune(const std::vector<CallNode>& nodes, uint32_t root,
                                          int64_t least_total,
                                          std::vector<uint32_t>* places = nullptr);

/// Sets every node's `end` from the parents. REQUIRES: preorder.
void SetEnds(std::vector<CallNode>* nodes);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CALL_TREE_H_
