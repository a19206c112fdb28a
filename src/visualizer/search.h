// SPDX-License-Identifier: MIT
//
// Purpose: which frames a regular expression (RE2: linear time, whatever the pattern) matches, and
//   how much of the weight runs through them.
// Thread safety: free functions.
// Signal safety: none.
// Errors: CompileSearch() answers a pattern that is none with a BadRequest.
#ifndef STACKSAMPLER_VISUALIZER_SEARCH_H_
#define STACKSAMPLER_VISUALIZER_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/stack_tree.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

inline constexpr size_t kMostNames = 20'000;
inline constexpr int64_t kRegexMemoryBytes = int64_t{8} << 20;

using NameMatcher = std::function<bool(std::string_view)>;

/// Ignores case unless the pattern holds an upper-case letter that is not part of an escape (\S).
/// A refusal names `parameter`.
std::optional<BadRequest> CompileSearch(const std::string& parameter, const std::string& pattern,
                                        NameMatcher* matcher);

struct SearchResult {
  int64_t total = 0;    // of the subtree searched
  int64_t matched = 0;  // of stacks with at least one matching frame, each stack once
  std::vector<std::string_view> names;  // distinct, borrowed from the tree; at most kMostNames
  bool names_truncated = false;
};

/// Searches the subtree of `root`; the root of all has no name to match.
SearchResult Search(const StackTree& tree, const StackTree::Place& root,
                    const NameMatcher& matches);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_SEARCH_H_
