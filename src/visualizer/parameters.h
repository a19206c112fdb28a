// SPDX-License-Identifier: MIT
//
// Purpose: one parameter of a URL at a time: numbers within bounds, choices, moments, paths.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: each Read... returns the Refusal, nullopt when all is well. A parameter that is not given
//   leaves its value as it was, unless it has to be.
#ifndef STACKSAMPLER_VISUALIZER_PARAMETERS_H_
#define STACKSAMPLER_VISUALIZER_PARAMETERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time_phrase.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

[[nodiscard]] std::vector<std::string> TimeExamples();

std::string ParamOr(const http::Request& request, const char* name, const char* fallback);

/// "now" and the zone in which days and times of day are meant.
struct Clockwork {
  int64_t now_ns = 0;
  TimeZone zone;
};

/// `tz`: the clockwork's zone.
Refusal ReadZone(const http::Request& request, TimeZone* zone);
Refusal ReadMoment(const std::string& parameter, const std::string& text, const Clockwork& clock,
                   TimeEdge edge, Moment* moment);
/// `base_shift`: *range moved back by that many seconds, or to what comes just before it.
Refusal ReadBaseShift(const http::Request& request, Range* range);
/// `at`: "BEGIN..END", two moments.
Refusal ReadAt(const http::Request& request, const Clockwork& clock, std::optional<Span>* at);
Refusal ReadEdit(const http::Request& request, std::string* text);
Refusal ReadFunction(const http::Request& request, std::string* function);
Refusal ReadFormat(const http::Request& request, FileFormat* format);
Refusal ReadOrder(const http::Request& request, SiblingOrder* order);
Refusal ReadTopOrder(const http::Request& request, TopOrder* order);
Refusal ReadThreshold(const http::Request& request, double* threshold);

Refusal ReadWidth(const http::Request& request, int* width);
Refusal ReadLimit(const http::Request& request, size_t* rows);
Refusal ReadIntervals(const http::Request& request, int64_t* intervals);
Refusal ReadColumns(const http::Request& request, int64_t* columns);
Refusal ReadGraphNodes(const http::Request& request, size_t* nodes);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_PARAMETERS_H_
