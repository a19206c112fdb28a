// SPDX-License-Identifier: MIT
//
// Purpose: the sampler's counters as text, one "name value" a line. The LAST space of a line splits
//   it.
// Thread safety: pure functions.
// Signal safety: none.
#ifndef STACKSAMPLER_ENDPOINT_STATS_TEXT_H_
#define STACKSAMPLER_ENDPOINT_STATS_TEXT_H_

#include <string>

#include "stacksampler/sampler.h"

namespace stacksampler::endpoint {

void AddLine(const std::string& name, const std::string& value, std::string* text);

/// kSamplerCounters, the rates per CPU second that they amount to, and for each duration of the
/// handler that was seen a "handler_ns_below_<power of two>".
std::string StatsText(const SamplerStats& stats);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_STATS_TEXT_H_
