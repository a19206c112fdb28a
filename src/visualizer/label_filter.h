// SPDX-License-Identifier: MIT
//
// Purpose: which label sets a question is about: "thread=worker-1;version!=2" as matches.
// Shapes: terms joined by ';', each KEY=VALUE or KEY!=VALUE; '%' and ';' in them as %25 and %3B, as
//   in a path. A key that is named twice without '!' may have either value; an empty value asks for
//   series without that label.
// Thread safety: free functions.
// Signal safety: none.
// Errors: BadRequest, with the place of the term that is none.
#ifndef STACKSAMPLER_VISUALIZER_LABEL_FILTER_H_
#define STACKSAMPLER_VISUALIZER_LABEL_FILTER_H_

#include <optional>
#include <string>
#include <vector>

#include "http/server.h"
#include "store/profile_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// Labels that have a parameter of their own beside `where`.
inline constexpr const char* kPlainLabels[] = {"host", "port", "thread"};

/// Adds the terms of the parameter `name`.
std::optional<BadRequest> ReadWhere(const http::Request& request, const std::string& name,
                                    std::vector<store::LabelMatch>* matches);

/// `host`, `port`, `thread` and `where`.
std::optional<BadRequest> ReadFilters(const http::Request& request,
                                      std::vector<store::LabelMatch>* matches);

/// The base's, each of the four with "base_" before it: what is not given is as on the current
/// side. `given` becomes true where one is there.
std::optional<BadRequest> ReadBaseFilters(const http::Request& request,
                                          std::vector<store::LabelMatch>* matches, bool* given);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_LABEL_FILTER_H_
