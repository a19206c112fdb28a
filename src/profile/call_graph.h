// SPDX-License-Identifier: MIT
//
// Purpose: who calls whom, functions told apart by their shown names: what callgrind and DOT hold.
// Invariant: a stack counts once in a function's total and once in a call's, however often either
//   recurs in it.
// Thread safety: values and free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_CALL_GRAPH_H_
#define STACKSAMPLER_PROFILE_CALL_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "stacksampler/profile.h"

namespace stacksampler {

struct CalledFunction {
  std::string name;    // visible text
  std::string module;  // likewise, as the file; of the first frame of that name
  std::string file;
  uint32_t line = 0;
  int64_t self = 0;
  int64_t total = 0;
};

struct FunctionCall {
  uint32_t caller = 0;  // index into CallGraph::functions
  uint32_t callee = 0;
  int64_t total = 0;
  int64_t entered = 0;  // of it, where the callee did not run already: no recursion
};

struct CallGraph {
  TreeUnit unit = TreeUnit::kCpuMicroseconds;
  int64_t total = 0;
  std::vector<CalledFunction> functions;  // the one with the largest total first
  std::vector<FunctionCall> calls;        // likewise
};

CallGraph BuildCallGraph(const Profile& profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_CALL_GRAPH_H_
