// SPDX-License-Identifier: MIT
//
// Purpose: the original visualizer's /data: nested {"name","value","children"}, the root named
//   "root", values in samples, children by name, "children" left out where there are none.
// Thread safety: free function.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_DATA_JSON_H_
#define STACKSAMPLER_VISUALIZER_DATA_JSON_H_

#include <string>
#include <vector>

#include "profile/call_tree.h"

namespace stacksampler::visualizer {

/// Keeps nodes whose value is greater than `threshold` (a fraction, 0..1) of the root's. Warnings,
/// when there are any, stand in the root as "warnings".
std::string DataJson(const CallTree& tree, double threshold,
                     const std::vector<std::string>& warnings);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_DATA_JSON_H_
