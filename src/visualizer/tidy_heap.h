// SPDX-License-Identifier: MIT
//
// Purpose: gives memory back that questions took: what is kept of one lies between what is freed of
//   others, and so the heap would hold ever more pages on which next to nothing is.
// Thread safety: as the handler's.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_TIDY_HEAP_H_
#define STACKSAMPLER_VISUALIZER_TIDY_HEAP_H_

#include <cstdint>
#include <functional>

#include "http/server.h"

namespace stacksampler::visualizer {

/// A hundredth of a second at once, and so a third of a millisecond each.
inline constexpr uint64_t kAnswersBetween = 32;

/// The answers of `handler`; `give_back` is called after each so many of them.
[[nodiscard]] http::Handler TidyingHeap(http::Handler handler, std::function<void()> give_back);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_TIDY_HEAP_H_
