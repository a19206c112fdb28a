// SPDX-License-Identifier: MIT
//
// Purpose: begins to work on the graph when the page is asked for: the page reads its question off the
//   same URL, and asks it as soon as it runs.
// Thread safety: as the handler's.
// Signal safety: none.
// Errors: what fails ahead fails again, with its reason, when it is asked for.
#ifndef STACKSAMPLER_VISUALIZER_FORESIGHT_H_
#define STACKSAMPLER_VISUALIZER_FORESIGHT_H_

#include "http/server.h"

namespace stacksampler::visualizer {

/// The same answers as `handler` gives, which has to keep what it worked out. One question at a
/// time is asked ahead, the latest of those that wait. The last copy waits for it when it is
/// destroyed.
[[nodiscard]] http::Handler AskingAhead(http::Handler handler);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_FORESIGHT_H_
