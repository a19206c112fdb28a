// SPDX-License-Identifier: MIT
//
// Purpose: field numbers and agreed names of profile.proto. Append only: they are on other people's
//   disks.
// Source: https://github.com/google/pprof/blob/main/proto/profile.proto
#ifndef STACKSAMPLER_PROFILE_PPROF_SCHEMA_H_
#define STACKSAMPLER_PROFILE_PPROF_SCHEMA_H_

#include <cstdint>
#include <string_view>

namespace stacksampler::pprof {

enum ProfileField : uint32_t {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kStringTable = 6,
  kTimeNanos = 9,
  kDurationNanos = 10,
  kPeriodType = 11,
  kPeriod = 12,
  kDefaultSampleType = 14,
};
enum ValueTypeField : uint32_t { kType = 1, kUnit = 2 };
enum SampleField : uint32_t { kSampleLocation = 1, kSampleValue = 2, kSampleLabel = 3 };
enum LabelField : uint32_t { kLabelKey = 1, kLabelStr = 2, kLabelNum = 3, kLabelUnit = 4 };
enum MappingField : uint32_t {
  kMappingId = 1,
  kMemoryStart = 2,
  kFileOffset = 4,
  kMappingFile = 5,
  kBuildId = 6,
  kHasFunctions = 7,
  kHasFilenames = 8,
  kHasLineNumbers = 9,
  kHasInlineFrames = 10,
};
enum LocationField : uint32_t {
  kLocationId = 1,
  kLocationMapping = 2,
  kAddress = 3,
  kLine = 4,
};
enum LineField : uint32_t { kLineFunction = 1, kLineNumber = 2 };
enum FunctionField : uint32_t {
  kFunctionId = 1,
  kName = 2,
  kSystemName = 3,
  kFunctionFile = 4,
  kStartLine = 5,
};

inline constexpr std::string_view kSamplesType = "samples";
inline constexpr std::string_view kCountUnit = "count";
inline constexpr std::string_view kCpuType = "cpu";
inline constexpr std::string_view kNanoseconds = "nanoseconds";
/// Numeric label: the moment of a sample, since the Unix epoch.
inline constexpr std::string_view kMomentLabel = "end_timestamp_ns";

}  // namespace stacksampler::pprof

#endif  // STACKSAMPLER_PROFILE_PPROF_SCHEMA_H_
