// SPDX-License-Identifier: MIT
//
// Purpose: what something cost, for people, in pictures.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_COST_TEXT_H_
#define STACKSAMPLER_PROFILE_COST_TEXT_H_

#include <cstdint>
#include <string>

#include "profile/call_tree.h"

namespace stacksampler {

/// "12.50 s", "3.20 ms", "17 µs", "17 samples".
std::string CostText(int64_t cost, TreeUnit unit);
/// "12.5 %"; of a whole of 0 it is "0.0 %".
std::string PercentText(int64_t part, int64_t whole);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_COST_TEXT_H_
