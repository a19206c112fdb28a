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
  sums_[period_ns].Add(cells, stack_count_);
}

void PeriodSums::Sums::Add(const std::vector<Cell>& cells, size_t stack_count) {
  auto cell = cells.begin();
  for (; !many_ && cell != cells.end(); ++cell) {
    if (cell->weight != 0) few_[cell->stack] += cell->weight;
    if (few_.size() <= stack_count / 8) continue;
    many_.emplace(stack_count);
    for (const auto& [stack, weight] : few_) many_->Add(stack, weight);
    few_ = {};
  }
  for (; cell != cells.end(); ++cell) many_->Add(cell->stack, cell->weight);
}

std::vector<Cell> PeriodSums::Sums::Take() {
  if (many_) return many_->Take();
  std::vector<Cell> cells;
  cells.reserve(few_.size());
  for (const auto& [stack, weight] : few_) cells.push_back({stack, weight});
  std::sort(cells.begin(), cells.end(),
            [](const Cell& a, const Cell& b) { return a.stack < b.stack; });
  return cells;
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
