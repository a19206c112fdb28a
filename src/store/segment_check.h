// SPDX-License-Identifier: MIT
//
// Purpose: reads a sealed segment to the last byte of its content, and keeps what is good of it.
// Thread safety: one thread at a time.
// Errors: kNotFound when the file is gone; all else is a problem in the answer.
#ifndef STACKSAMPLER_STORE_SEGMENT_CHECK_H_
#define STACKSAMPLER_STORE_SEGMENT_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/record_log.h"

namespace stacksampler::store {

struct CheckedSegment {
  std::vector<std::string> problems;  // each names the file; none: it is whole
  /// Not Ok: some of it could not be read now, so that nobody knows what is damaged.
  Status unread;
  uint64_t records = 0;      // that it says it has; 0 when not even that can be read
  int64_t first_end_ns = 0;  // of these, as far as the segment's head can be read
  int64_t last_end_ns = 0;
  // What can be read, to be written anew.
  Profile dictionary;
  RecordLog log;
  std::string refs;         // "" when damaged
  bool lost_times = false;  // of records in the log

  [[nodiscard]] uint64_t lost() const { return records - log.records().size(); }
};

Result<CheckedSegment> CheckSegment(const std::string& path);

/// Likewise of a day's total, which has sums alone.
Result<CheckedSegment> CheckDay(const std::string& path);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SEGMENT_CHECK_H_
