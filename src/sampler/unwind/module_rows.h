// SPDX-License-Identifier: MIT
//
// Purpose: one module's .eh_frame as sorted rows and a coarse index over them.
// Signal safety: not async-signal-safe.
// Errors: functions whose entry is malformed have gap rows (NoRule::kGap), never wrong ones.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_MODULE_ROWS_H_
#define STACKSAMPLER_SAMPLER_UNWIND_MODULE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/unwind/fde_table.h"
#include "sampler/unwind/generation.h"
#include "sampler/unwind/rule.h"

namespace stacksampler::unwind {

/// All side rules of a generation, each once. Grows only: an index stays what it is.
class SideTable {
 public:
  /// A process has dozens. One over the bound is unsupported.
  static constexpr size_t kMaxRules = 4096;
  static_assert(kMaxRules <= Rule::kMaxOperand + size_t{1});

  SideTable() = default;
  explicit SideTable(std::vector<SideRule> rules) : rules_(std::move(rules)) {}

  Rule Intern(const SideRule& side);
  const std::vector<SideRule>& rules() const { return rules_; }

 private:
  std::vector<SideRule> rules_;
};

/// Rows for the code [begin, end); the first has offset 0, neighbours differ in their rule.
/// REQUIRES: end - begin <= UINT32_MAX. An image without a table gives one gap row.
std::vector<Row> BuildRows(const UnwindImage& image, uintptr_t begin, uintptr_t end,
                           SideTable* sides);

/// What ModuleTable::index points to.
std::vector<uint32_t> BuildIndex(const std::vector<Row>& rows, uintptr_t code_bytes);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_MODULE_ROWS_H_
