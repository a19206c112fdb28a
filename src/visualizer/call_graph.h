// SPDX-License-Identifier: MIT
//
// Purpose: who calls whom, as a graph of functions: nodes with self and total, edges with what goes
//   through them, pruned to what a picture can hold.
// Shapes: the heaviest functions by total. Where some of the functions between two of them are left
//   out, the edge leads past them. A stack counts once in a node and once in an edge, however often
//   it passes there; what a function calls in itself is no edge.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_CALL_GRAPH_H_
#define STACKSAMPLER_VISUALIZER_CALL_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "visualizer/query.h"
#include "visualizer/top.h"

namespace stacksampler::visualizer {

/// Functions and edges below this part of the whole are left out: they would be specks and hairs.
inline constexpr int64_t kLeastPart = 500;

struct CallEdge {
  uint32_t from = 0;  // places in CallGraph::nodes
  uint32_t to = 0;
  int64_t weight = 0;
  bool direct = false;  // at least one call went straight from one to the other
};

struct CallGraph {
  std::vector<FunctionCost> nodes;  // heaviest total first
  std::vector<CallEdge> edges;      // heaviest first
  size_t left_out = 0;              // functions that are not among the nodes
};

CallGraph BuildCallGraph(const CallTree& tree, uint32_t root, uint32_t group_levels,
                         size_t most_nodes);

std::string CallGraphJson(const CallTree& tree, const CallGraphQuery& query);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_CALL_GRAPH_H_
