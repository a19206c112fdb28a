// SPDX-License-Identifier: MIT
//
// Purpose: the graph, what a search found, and the labels as JSON.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_FLAME_JSON_H_
#define STACKSAMPLER_VISUALIZER_FLAME_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "profile/stack_tree.h"
#include "store/profile_store.h"
#include "visualizer/nearest.h"
#include "visualizer/query.h"
#include "visualizer/search.h"

namespace stacksampler::visualizer {

struct FlameAnswer {
  const FlameQuery* query = nullptr;
  const StackTree* tree = nullptr;
  store::Extent stored;
  uint64_t records = 0;
  int64_t left_out = 0;  // by the edit, in the tree's unit
  std::vector<std::string> warnings;
  Nearest nearest;  // of an empty range
};

std::string FlameJson(const FlameAnswer& answer);
std::string SearchJson(const SearchResult& result);
/// The distinct values of each label; host, port and thread are there even without a value.
std::string LabelsJson(const store::SeriesResult& stored);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_FLAME_JSON_H_
