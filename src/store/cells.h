// SPDX-License-Identifier: MIT
//
// Purpose: cells, the (stack, weight) pairs of one series in one record or one total, as bytes.
// Shapes: count, byte length of the ids, ids (each as the difference to the one before, which is
//   smaller), then the weights; all varints. Ids and weights stand apart because zstd packs them
//   better so.
// Thread safety: values and free functions.
// Errors: ForEachCell answers false for bytes that are no cells; what came before was handed out.
#ifndef STACKSAMPLER_STORE_CELLS_H_
#define STACKSAMPLER_STORE_CELLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/varint.h"
#include "stacksampler/profile.h"

namespace stacksampler::store {

struct Cell {
  StackId stack = 0;
  int64_t weight = 0;
};

/// REQUIRES: ascending stacks, each at most once, and weights that are not negative.
std::string EncodeCells(const std::vector<Cell>& cells);

/// Calls `add(stack, weight)` for each cell; `add` answers false to stop.
template <typename Add>
bool ForEachCell(std::string_view bytes, size_t stack_count, Add add) {
  ByteReader ids(bytes);
  const size_t count = ids.Count();
  const std::string_view id_bytes = ids.Text();
  ByteReader weights(ids.Raw(ids.remaining()));
  if (!ids.ok()) return false;
  ids = ByteReader(id_bytes);
  uint64_t stack = 0;
  for (size_t i = 0; i < count; ++i) {
    stack += ids.VarintBelow(stack_count - stack);
    const int64_t weight = weights.Int63();
    if (!ids.ok() || !weights.ok() || !add(static_cast<StackId>(stack), weight)) return false;
  }
  return ids.done() && weights.done();
}

/// Sums cells of one dictionary.
class CellSums {
 public:
  explicit CellSums(size_t stack_count) : sums_(stack_count) {}

  void Add(StackId stack, int64_t weight);
  /// The cells so far in order; empties the sums.
  std::vector<Cell> Take();

 private:
  std::vector<int64_t> sums_;  // dense: one per stack of the dictionary
  std::vector<StackId> touched_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CELLS_H_
