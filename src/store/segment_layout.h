// SPDX-License-Identifier: MIT
//
// Purpose: what a sealed segment holds besides cells: its keys, its text head, its table of
//   targets.
// Shapes: docs/store-format.md. Ids are those of the segment's dictionary; a target's series and
//   records are numbered from 0 inside it.
// Thread safety: values and free functions.
// Errors: parsing answers nothing for text or bytes that are damaged.
#ifndef STACKSAMPLER_STORE_SEGMENT_LAYOUT_H_
#define STACKSAMPLER_STORE_SEGMENT_LAYOUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::store {

/// Records of a target are kept in blocks of this length, aligned to the epoch.
inline constexpr int64_t kSliceNs = int64_t{15 * 60} * 1'000'000'000;
/// So that a slice's end is a time as well: in the year 2262.
inline constexpr int64_t kLastSlice = INT64_MAX / kSliceNs - 1;
inline constexpr int64_t kMaxTimeNs = kLastSlice * kSliceNs;

inline constexpr std::string_view kMetaKey = "meta";
inline constexpr std::string_view kDictionaryKey = "dict";
/// The table of targets. Where it lies says what the stacks in rows are: ids, as they were up to
/// version 2, or numbers in the order of their target.
inline constexpr std::string_view kTargetsKey = "targets";
inline constexpr std::string_view kOrderedTargetsKey = "ordered";
inline constexpr std::string_view kRefsKey = "refs";
inline constexpr std::string_view kTotalKey = "total";
std::string TargetTotalKey(size_t target);           // "total/<target>"
std::string RowsKey(size_t target, int64_t slice);   // "rows/<target>/<slice>"
std::string TimesKey(size_t target, int64_t slice);  // "times/<target>/<slice>"

/// Of a segment whose stacks in rows are numbers.
inline constexpr int kOrderedVersion = 3;

/// The head of a segment, kept as one line of text so that `gdbmtool FILE fetch meta` shows it.
struct SegmentMeta {
  int version = 1;
  int64_t start_ns = 0;      // earliest start of a record
  int64_t first_end_ns = 0;  // earliest and latest end of a record
  int64_t last_end_ns = 0;
  uint64_t records = 0;
  int64_t weight = 0;
  int64_t cpu_ns = 0;
};
std::string FormatMeta(const SegmentMeta& meta);
Result<SegmentMeta> ParseMeta(std::string_view text);

/// One label set at one period.
struct Series {
  LabelSetId labels = 0;
  int64_t period_ns = 0;
  int64_t start_ns = 0;
  int64_t first_end_ns = 0;
  int64_t last_end_ns = 0;
  std::string records;  // one bit per record of the target, the first in the lowest bit
};

struct Target {
  LabelSetId labels = 0;
  uint64_t records = 0;
  std::vector<int64_t> slices;  // ascending; each has a rows block
  std::vector<Series> series;
  // ---- Of sample times.
  std::vector<int64_t> timed_slices;  // ascending, some of `slices`: each has a times block
  int64_t longest_timed_ns = 0;       // the longest window with times
};
std::string EncodeTargets(const std::vector<Target>& targets);
/// kDataLoss unless every label set is below `label_set_count`.
Result<std::vector<Target>> DecodeTargets(std::string_view bytes, size_t label_set_count);

inline size_t BitmapBytes(uint64_t records) { return static_cast<size_t>((records + 7) / 8); }

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_LAYOUT_H_
