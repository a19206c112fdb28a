// SPDX-License-Identifier: MIT
#include "store/cells.h"

#include <algorithm>

namespace stacksampler::store {

std::string EncodeCells(const std::vector<Cell>& cells) {
  std::string ids;
  std::string weights;
  StackId previous = 0;
  for (const Cell& cell : cells) {
    PutVarint(&ids, cell.stack - previous);
    PutVarint(&weights, static_cast<uint64_t>(cell.weight));
    previous = cell.stack;
  }
  std::string out;
  PutVarint(&out, cells.size());
  PutText(&out, ids);
  return out + weights;
}

void CellSums::Add(StackId stack, int64_t weight) {
  if (weight == 0) return;
  if (sums_[stack] == 0) touched_.push_back(stack);
  sums_[stack] += weight;
}

std::vector<Cell> CellSums::Take() {
  std::sort(touched_.begin(), touched_.end());
  std::vector<Cell> cells;
  cells.reserve(touched_.size());
  for (const StackId stack : touched_) {
    cells.push_back({stack, sums_[stack]});
    sums_[stack] = 0;
  }
  touched_.clear();
  return cells;
}

void PeriodSums::Add(int64_t period_ns, const std::vector<Cell>& cells) {
  CellSums& sums = sums_.try_emplace(period_ns, stack_count_).first->second;
  for (const Cell& cell : cells) sums.Add(cell.stack, cell.weight);
}

std::string PeriodSums::Take() {
  std::string out;
  PutVarint(&out, sums_.size());
  for (auto& [period_ns, sums] : sums_) {
    PutVarint(&out, static_cast<uint64_t>(period_ns));
    PutText(&out, EncodeCells(sums.Take()));
  }
  sums_.clear();
  return out;
}

}  // namespace stacksampler::store
