// SPDX-License-Identifier: MIT
//
// Purpose: the order in which the rows of a target number its stacks: those that it met most often
//   first. Most numbers in a row are then one above the one before, whatever other targets do.
// Shapes: an order is not stored, but follows from the sums of the target: first the stacks whose
//   sum has most binary digits; those with as many stand as in the segment's dictionary.
// Thread safety: free functions over values.
// Signal safety: none.
// Errors: ReadOrder answers nothing for bytes that are no sums.
#ifndef STACKSAMPLER_STORE_TARGET_ORDER_H_
#define STACKSAMPLER_STORE_TARGET_ORDER_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/cells.h"

namespace stacksampler::store {

/// The stacks of a segment's dictionary, by their numbers in the rows of one target.
using TargetOrder = std::vector<StackId>;

/// REQUIRES: weights above 0, ascending stacks, each at most once.
TargetOrder OrderOf(const std::vector<Cell>& sums);

/// The order that follows from the block total/<target>.
std::optional<TargetOrder> ReadOrder(std::string_view total, size_t series_count,
                                     size_t stack_count);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_TARGET_ORDER_H_
