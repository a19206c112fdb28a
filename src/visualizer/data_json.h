// SPDX-License-Identifier: MIT
//
// Purpose: the original visualizer's /data: nested {"name","value","children"}, the root named
//   "root", values in samples, children by name, "children" left out where there are none.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_DATA_JSON_H_
#define STACKSAMPLER_VISUALIZER_DATA_JSON_H_

#include <cstddef>
#include <string>
#include <vector>

#include "profile/stack_tree.h"

namespace stacksampler::visualizer {

/// Nodes whose value is greater than `threshold` (a fraction, 0..1) of the root's, by name.
std::vector<CallNode> DataNodes(const StackTree& tree, double threshold);
/// No node takes less.
inline constexpr size_t kLeastDataBytes = sizeof(R"({"name":"","value":0})") - 1;
/// Warnings, when there are any, stand in the root as "warnings".
std::string DataJson(const StackTree& tree, const std::vector<CallNode>& nodes,
                     const std::vector<std::string>& warnings);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_DATA_JSON_H_
