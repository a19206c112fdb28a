// SPDX-License-Identifier: MIT
#include "store/target_order.h"

#include <array>
#include <bit>
#include <cstdint>

#include "base/varint.h"

namespace stacksampler::store {
namespace {

constexpr size_t kDigits = 64;

// 0 for the largest.
size_t ClassOf(int64_t weight) {
  return static_cast<size_t>(std::countl_zero(static_cast<uint64_t>(weight)));
}

// A dense array: sorting the cells of a hundred threads would take longer than reading their rows.
bool AddSeries(std::string_view cells, std::vector<int64_t>* sums) {
  return ForEachCell(cells, sums->size(), [&](StackId stack, int64_t weight) {
    return !__builtin_add_overflow((*sums)[stack], weight, &(*sums)[stack]);
  });
}

std::vector<Cell> CellsOf(const std::vector<int64_t>& sums) {
  std::vector<Cell> cells;
  for (StackId stack = 0; stack < sums.size(); ++stack) {
    if (sums[stack] != 0) cells.push_back({stack, sums[stack]});
  }
  return cells;
}

}  // namespace

// Counts what is in each class, and so knows where it begins: sorting would take ten times as long.
TargetOrder OrderOf(const std::vector<Cell>& sums) {
  std::array<size_t, kDigits + 2> next = {};
  for (const Cell& cell : sums) ++next[ClassOf(cell.weight) + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  TargetOrder order(sums.size());
  for (const Cell& cell : sums) order[next[ClassOf(cell.weight)]++] = cell.stack;
  return order;
}

std::optional<TargetOrder> ReadOrder(std::string_view total, size_t series_count,
                                     size_t stack_count) {
  ByteReader in(total);
  if (series_count == 1) {
    std::vector<Cell> cells;
    cells.reserve(total.size() / 2);  // a cell takes two bytes or more
    const bool good = ForEachCell(in.Text(), stack_count, [&](StackId stack, int64_t weight) {
      if (weight > 0) cells.push_back({stack, weight});
      return true;
    });
    return good && in.done() ? std::optional(OrderOf(cells)) : std::nullopt;
  }
  std::vector<int64_t> sums(stack_count);
  for (size_t left = series_count; left > 0 && in.ok(); --left) {
    if (!AddSeries(in.Text(), &sums)) in.Fail();
  }
  return in.done() ? std::optional(OrderOf(CellsOf(sums))) : std::nullopt;
}

}  // namespace stacksampler::store
