// SPDX-License-Identifier: MIT
//
// Purpose: what each function costs over a whole call tree, however its calls are spread.
// Shapes: functions are told apart by shown name, as in the graph. A stack counts once in a
//   function's total, however often the function recurs in it. The values of a grouping are no
//   functions.
// Invariant: the selfs of all rows and of `rest` make up the subtree's total.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_TOP_H_
#define STACKSAMPLER_VISUALIZER_TOP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "visualizer/query.h"
#include "visualizer/search.h"

namespace stacksampler::visualizer {

struct FunctionCost {
  uint32_t name = 0;    // index into CallTree::names
  uint32_t module = 0;  // index into CallTree::modules; of the first frame of that name
  int64_t self = 0;
  int64_t total = 0;
};

/// Every function of the subtree of `root`, in order of first appearance. Nodes of depth
/// 1..`group_levels` are groups, not functions.
std::vector<FunctionCost> CostByFunction(const CallTree& tree, uint32_t root,
                                         uint32_t group_levels);

struct Top {
  std::vector<FunctionCost> rows;
  size_t rest = 0;  // functions that are not among the rows
  int64_t rest_self = 0;
};

/// The first query.limit of the functions whose names match, in the query's order.
Top SelectTop(const CallTree& tree, std::vector<FunctionCost> functions, const TopQuery& query,
              const NameMatcher& matches);

std::string TopJson(const CallTree& tree, const TopQuery& query, const NameMatcher& matches);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_TOP_H_
