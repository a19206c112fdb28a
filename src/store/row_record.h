// SPDX-License-Identifier: MIT
//
// Purpose: a row of a sealed segment as the record that it was in the journal, to be checked as one
//   and written anew: targets, label sets and stacks are the segment's own ids.
// Thread safety: values and free functions.
// Signal safety: none.
// Errors: of damaged cells the record has none, and is refused as damaged.
#ifndef STACKSAMPLER_STORE_ROW_RECORD_H_
#define STACKSAMPLER_STORE_ROW_RECORD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "store/segment_layout.h"
#include "store/segment_rows.h"

namespace stacksampler::store {

/// What one record has of times.
struct RecordTimes {
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  int64_t bucket_ns = 0;
  std::map<size_t, std::string> cells;  // by series

  explicit RecordTimes(const TimesRow& times);
  [[nodiscard]] bool AreOf(const Row& row) const;
};

/// What RecordLog::Add() reads. `times`: null where it has none. `stacks`: what those in the row
/// mean. REQUIRES: a row with runs.
std::string AsRecord(const Row& row, const RecordTimes* times, const Target& table,
                     const std::vector<StackId>& stacks);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_ROW_RECORD_H_
