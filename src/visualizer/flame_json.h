// SPDX-License-Identifier: MIT
//
// Purpose: the page's answers as JSON: a pruned tree in columns, what a search found, the labels.
// Units: values in the tree's unit; times as RFC 3339, and as nanoseconds in a string, because a
//   JavaScript number holds 53 bits.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_FLAME_JSON_H_
#define STACKSAMPLER_VISUALIZER_FLAME_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "profile/call_tree.h"
#include "store/profile_store.h"
#include "visualizer/query.h"
#include "visualizer/search.h"

namespace stacksampler::visualizer {

/// A quarter of a pixel is the narrowest node sent.
inline constexpr int kNodesPerPixel = 4;

struct FlameAnswer {
  const FlameQuery* query = nullptr;
  const CallTree* tree = nullptr;
  store::Extent stored;
  uint64_t records = 0;
  std::vector<std::string> warnings;
};

std::string FlameJson(const FlameAnswer& answer);
std::string SearchJson(const SearchResult& result);
/// The distinct values of each label; host, port and thread are there even without a value.
std::string LabelsJson(const std::vector<Labels>& series);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_FLAME_JSON_H_
