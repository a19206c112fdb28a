// SPDX-License-Identifier: MIT
//
// Purpose: cells, the (stack, weight) pairs of one series in one record or one total, as bytes.
// Shapes: count, byte length of the ids, ids (each as the difference to the one before, which is
//   smaller: no difference but the first is 0), then the weights; all varints. Ids and weights
//   stand apart because zstd packs them better so.
// Thread safety: values and free functions.
// Errors: ForEachCell answers false for bytes that are no cells; what came before was handed out.
#ifndef STACKSAMPLER_STORE_CELLS_H_
#define STACKSAMPLER_STORE_CELLS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// Takes a varint from the front of [*at, end). Millions of cells make a month: almost all of their
/// numbers have one byte.
inline bool TakeVarint(const char** at, const char* end, uint64_t* value) {
  if (*at == end) return false;
  const auto byte = static_cast<uint8_t>(**at);
  if (byte < 0x80) {
    *value = byte;
    ++*at;
    return true;
  }
  ByteReader reader(std::string_view(*at, static_cast<size_t>(end - *at)));
  *value = reader.Varint();
  *at = end - reader.remaining();
  return reader.ok();
}

/// ForEachCell where no number has a second byte, as in nearly all rows.
template <typename Add>
bool ForEachShortCell(std::string_view ids, std::string_view weights, size_t stack_count, Add add) {
  if (ids.find('\0', 1) != std::string_view::npos) return false;
  uint64_t stack = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto step = static_cast<uint8_t>(ids[i]);
    const auto value = static_cast<uint8_t>(weights[i]);
    stack += step;
    if (((step | value) & 0x80) != 0 || stack >= stack_count) return false;
    if (!add(static_cast<StackId>(stack), int64_t{value})) return false;
  }
  return true;
}

/// Calls `add(stack, weight)` for each cell; `add` answers false to stop.
template <typename Add>
bool ForEachCell(std::string_view bytes, size_t stack_count, Add add) {
  ByteReader in(bytes);
  const size_t count = in.Count();
  const std::string_view ids = in.Text();
  const std::string_view weights = in.Raw(in.remaining());
  if (!in.ok()) return false;
  if (ids.size() == count && weights.size() == count) {
    return ForEachShortCell(ids, weights, stack_count, add);
  }
  const char* id = ids.data();
  const char* const ids_end = id + ids.size();
  const char* weight = weights.data();
  const char* const weights_end = weight + weights.size();
  uint64_t stack = 0;
  for (size_t i = 0; i < count; ++i) {
    uint64_t step = 0;
    uint64_t value = 0;
    if (!TakeVarint(&id, ids_end, &step) || !TakeVarint(&weight, weights_end, &value)) return false;
    if (step >= stack_count - stack || value > INT64_MAX || (step == 0 && i > 0)) return false;
    stack += step;
    if (!add(static_cast<StackId>(stack), static_cast<int64_t>(value))) return false;
  }
  return id == ids_end && weight == weights_end;
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

/// Sums over all series, apart for each period.
class PeriodSums {
 public:
  explicit PeriodSums(size_t stack_count) : stack_count_(stack_count) {}

  void Add(int64_t period_ns, const std::vector<Cell>& cells);
  [[nodiscard]] bool Has(int64_t period_ns) const { return sums_.count(period_ns) != 0; }
  /// Count of periods; each: period, byte length, cells. Empties the sums.
  std::string Take();

 private:
  // A period has an array over all stacks only when it has samples of an eighth of them: a target
  // chooses its period anew with each answer, and each array costs what the whole dictionary does.
  class Sums {
   public:
    void Add(const std::vector<Cell>& cells, size_t stack_count);
    std::vector<Cell> Take();

   private:
    std::unordered_map<StackId, int64_t> few_;
    std::optional<CellSums> many_;
  };

  size_t stack_count_;
  std::map<int64_t, Sums> sums_;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CELLS_H_
