// SPDX-License-Identifier: MIT
//
// Purpose: whether the sums in a sealed file are those of what they were made from, stack by stack:
//   a target's those of its rows, the file's those of its targets.
// Shapes: ids are those of the file's dictionary. A target is begun, its rows are added, then its
//   sums in the order of its table; behind all targets the file's sums.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: false for bytes that are no cells, and for weights that pass 2^63 together.
#ifndef STACKSAMPLER_STORE_SUM_CHECK_H_
#define STACKSAMPLER_STORE_SUM_CHECK_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "store/cells.h"
#include "store/segment_layout.h"
#include "store/segment_rows.h"

namespace stacksampler::store {

class SumCheck {
 public:
  explicit SumCheck(size_t stack_count)
      : stack_count_(stack_count),
        series_(stack_count),
        of_targets_(stack_count),
        of_file_(stack_count) {}

  void BeginTarget(const Target& table);
  /// `stacks`: what those in the row mean.
  bool AddRow(const Row& row, const std::vector<StackId>& stacks);
  bool AddTargetSum(size_t series, int64_t period_ns, std::string_view cells);
  /// The sums of the target, so far, are those of its rows.
  [[nodiscard]] bool fits_rows() const { return fits_rows_; }

  bool AddFileSum(int64_t period_ns, std::string_view cells);
  /// The file's sums are those of its targets. Empties both.
  bool FitsTargets() { return of_targets_.Take() == of_file_.Take(); }

  [[nodiscard]] int64_t weight_of_targets() const { return weight_of_targets_; }
  [[nodiscard]] int64_t weight_of_file() const { return weight_of_file_; }

 private:
  const size_t stack_count_;
  std::vector<std::vector<Cell>> rows_;  // of the target, by series
  int64_t weight_of_rows_ = 0;           // of the target
  bool fits_rows_ = true;
  CellSums series_;  // scratch
  PeriodSums of_targets_;
  PeriodSums of_file_;
  int64_t weight_of_targets_ = 0;
  int64_t weight_of_file_ = 0;
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_SUM_CHECK_H_
