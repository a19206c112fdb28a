// SPDX-License-Identifier: MIT
//
// Purpose: what the server answers, for the test that compares it with docs/openapi.json.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_ROUTE_PATHS_H_
#define STACKSAMPLER_VISUALIZER_ROUTE_PATHS_H_

#include <string>
#include <vector>

namespace stacksampler::visualizer {

/// All paths but those of embedded files.
std::vector<std::string> RoutePaths();

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_ROUTE_PATHS_H_
