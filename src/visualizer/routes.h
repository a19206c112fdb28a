// SPDX-License-Identifier: MIT
//
// Purpose: the visualizer's answers to HTTP requests: the page, its API and the original's /data.
// Thread safety: the handler may run on several threads at once, as the reader may.
// Errors: JSON {"error", and where they apply "parameter", "value", "position", "examples"} with
//   400 for a bad question, 404 for an unknown path, 503 where trying again may help, else 500.
#ifndef STACKSAMPLER_VISUALIZER_ROUTES_H_
#define STACKSAMPLER_VISUALIZER_ROUTES_H_

#include <cstdint>
#include <functional>

#include "http/server.h"
#include "store/profile_store.h"
#include "visualizer/source_files.h"

namespace stacksampler::visualizer {

/// Nanoseconds since the Unix epoch.
using Clock = std::function<int64_t()>;

int64_t SystemNow();

/// `reader` must outlive the handler.
http::Handler MakeHandler(store::StoreReader* reader, Clock now = SystemNow,
                          SourceFiles sources = {});

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_ROUTES_H_
