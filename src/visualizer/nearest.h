// SPDX-License-Identifier: MIT
//
// Purpose: where the data lies that is nearest to a range without any: what an empty page offers.
// Cost: two looks at volumes, no stacks; to within a thousandth of what is stored on that side.
// Thread safety: free function.
// Signal safety: none.
// Errors: those of the store.
#ifndef STACKSAMPLER_VISUALIZER_NEAREST_H_
#define STACKSAMPLER_VISUALIZER_NEAREST_H_

#include <cstdint>
#include <optional>

#include "store/profile_store.h"
#include "visualizer/merged_store.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

struct Nearest {
  std::optional<int64_t> before_ns;  // no later data before the range
  std::optional<int64_t> after_ns;   // no earlier data after it
};

/// Under the query's labels.
Result<Nearest> FindNearest(MergedStore* store, const TreeQuery& query,
                            const store::Extent& stored);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_NEAREST_H_
