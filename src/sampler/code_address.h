// SPDX-License-Identifier: MIT
//
// Purpose: a place in code that stays meaningful after its module was unloaded or moved, or one of
//   the marker frames by which the sampler says what it could not record.
// Thread safety: values.
// Signal safety: plain data.
#ifndef STACKSAMPLER_SAMPLER_CODE_ADDRESS_H_
#define STACKSAMPLER_SAMPLER_CODE_ADDRESS_H_

#include <cstdint>

namespace stacksampler::sampling {

enum class Marker : uint64_t {
  kTruncated,   // between the two ends of a stack deeper than the depth cap
  kIncomplete,  // root of a stack whose walk ended before the root
  kDropped,     // delivered, but the thread's ring was full
  kUnsampled,   // CPU time that no delivered signal stands for
  kOverflow,    // recorded after the node cap was reached
  kWaiting,     // blocked, but no look found where
  kRunnable,    // waiting for a CPU
  kProfiler,    // CPU time of the profiler's own threads, which block SIGPROF
};

constexpr const char* MarkerName(Marker marker) {
  switch (marker) {
    case Marker::kTruncated:
      return "[truncated]";
    case Marker::kIncomplete:
      return "[incomplete]";
    case Marker::kDropped:
      return "[dropped]";
    case Marker::kUnsampled:
      return "[unsampled]";
    case Marker::kOverflow:
      return "[overflow]";
    case Marker::kWaiting:
      return "[waiting]";
    case Marker::kRunnable:
      return "[runnable]";
    case Marker::kProfiler:
      return "[profiler]";
  }
  return "";
}

struct CodeAddress {
  static constexpr uint32_t kNoModule = UINT32_MAX;          // offset is a run-time address
  static constexpr uint32_t kMarkerModule = UINT32_MAX - 1;  // offset is a Marker

  uint32_t module = kNoModule;  // id of a symbolize::Module
  uint64_t offset = 0;          // link-time address in it

  static CodeAddress Of(Marker marker) { return {kMarkerModule, static_cast<uint64_t>(marker)}; }
  friend bool operator==(const CodeAddress&, const CodeAddress&) = default;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_CODE_ADDRESS_H_
