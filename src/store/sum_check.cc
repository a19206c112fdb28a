// SPDX-License-Identifier: MIT
#include "store/sum_check.h"

#include <algorithm>

namespace stacksampler::store {
namespace {

// While all weights together do not overflow, no sum of some of them can.
bool ReadCells(std::string_view cells, size_t stack_count, int64_t* weight,
               std::vector<Cell>* into) {
  return ForEachCell(cells, stack_count, [&](StackId stack, int64_t value) {
    int64_t sum = 0;
    if (__builtin_add_overflow(*weight, value, &sum)) return false;
    *weight = sum;
    into->push_back({stack, value});
    return true;
  });
}

}  // namespace

void SumCheck::BeginTarget(const Target& table) {
  rows_.assign(table.series.size(), {});
  weight_of_rows_ = 0;
  fits_rows_ = true;
}

bool SumCheck::AddRow(const Row& row, const std::vector<StackId>& stacks) {
  return std::all_of(row.runs.begin(), row.runs.end(), [&](const auto& run) {
    std::vector<Cell>& cells = rows_[run.first];
    const size_t before = cells.size();
    if (!ReadCells(run.second, stacks.size(), &weight_of_rows_, &cells)) return false;
    for (size_t i = before; i < cells.size(); ++i) cells[i].stack = stacks[cells[i].stack];
    return true;
  });
}

bool SumCheck::AddTargetSum(size_t series, int64_t period_ns, std::string_view cells) {
  std::vector<Cell> sums;
  if (!ReadCells(cells, stack_count_, &weight_of_targets_, &sums)) return false;
  of_targets_.Add(period_ns, sums);
  for (const Cell& cell : rows_[series]) series_.Add(cell.stack, cell.weight);
  const std::vector<Cell> of_rows = series_.Take();
  for (const Cell& cell : sums) series_.Add(cell.stack, cell.weight);
  fits_rows_ = fits_rows_ && EncodeCells(of_rows) == EncodeCells(series_.Take());
  return true;
}

bool SumCheck::AddFileSum(int64_t period_ns, std::string_view cells) {
  if (!of_targets_.Has(period_ns)) return false;
  std::vector<Cell> sums;
  if (!ReadCells(cells, stack_count_, &weight_of_file_, &sums)) return false;
  of_file_.Add(period_ns, sums);
  return true;
}

}  // namespace stacksampler::store
