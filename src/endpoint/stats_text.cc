// SPDX-License-Identifier: MIT
#include "endpoint/stats_text.h"

#include <cstdio>

namespace stacksampler::endpoint {
namespace {

std::string PerSecond(uint64_t count, uint64_t ns) {
  const double seconds = static_cast<double>(ns) / 1e9;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", ns == 0 ? 0 : static_cast<double>(count) / seconds);
  return text;
}

}  // namespace

void AddLine(const std::string& name, const std::string& value, std::string* text) {
  text->append(name).append(1, ' ').append(value).append(1, '\n');
}

std::string StatsText(const SamplerStats& stats) {
  std::string text;
  for (const SamplerCounter& counter : kSamplerCounters) {
    AddLine(counter.name, std::to_string(stats.*counter.value), &text);
  }
  AddLine("signals_per_cpu_second", PerSecond(stats.delivered_signals, stats.sampled_cpu_ns),
          &text);
  AddLine("weight_per_cpu_second", PerSecond(stats.delivered_weight, stats.sampled_cpu_ns), &text);
  for (size_t b = 0; b < kHandlerTimeBuckets; ++b) {
    if (stats.handler_times[b] == 0) continue;
    const bool last = b + 1 == kHandlerTimeBuckets;
    const std::string bound = last ? "more" : "below_" + std::to_string(uint64_t{2} << b);
    AddLine("handler_ns_" + bound, std::to_string(stats.handler_times[b]), &text);
  }
  return text;
}

}  // namespace stacksampler::endpoint
