// SPDX-License-Identifier: MIT
//
// Purpose: one function with all that calls it and all that it calls, wherever it stands in a tree.
// Shapes: both trees have the function as node 0. Below it stand its callees; in the other, its
//   callers, their callers below them. Where the function recurs its outermost call counts.
// Invariant: both trees' totals are the function's total in the table of functions.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_SANDWICH_H_
#define STACKSAMPLER_VISUALIZER_SANDWICH_H_

#include <optional>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// Names and modules index into the tree that they were made from.
struct Sandwich {
  std::vector<CallNode> callers;
  std::vector<CallNode> callees;
};

/// Nothing when no frame has that name.
std::optional<Sandwich> BuildSandwich(const CallTree& tree, const std::string& function,
                                      SiblingOrder order);

std::string SandwichJson(const CallTree& tree, const SandwichQuery& query);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_SANDWICH_H_
