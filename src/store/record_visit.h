// SPDX-License-Identifier: MIT
//
// Purpose: visits what a store directory holds record by record, as they were collected: for an
//   export, not for queries.
// Thread safety: one thread at a time.
// Errors: a damaged file is told by name, and the rest visited.
#ifndef STACKSAMPLER_STORE_RECORD_VISIT_H_
#define STACKSAMPLER_STORE_RECORD_VISIT_H_

#include <functional>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"
#include "store/merger.h"

namespace stacksampler::store {

/// One stack of one label set in one record.
struct VisitedCell {
  int64_t end_ns = 0;
  LabelSetId labels = 0;  // both of the vocabulary
  StackId stack = 0;
  int64_t weight = 0;
};

/// Calls `visit` for each cell of the records in the range, those of one file after the other in
/// the order in which the windows were opened. `vocabulary` must be the same in every call.
Status VisitRecords(const std::string& dir, const Range& range, Profile* vocabulary,
                    const std::function<void(const VisitedCell&)>& visit,
                    std::vector<std::string>* warnings);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_RECORD_VISIT_H_
