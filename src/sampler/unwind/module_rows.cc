// SPDX-License-Identifier: MIT
#include "sampler/unwind/module_rows.h"

#include <algorithm>

#include "sampler/unwind/cfi.h"
#include "sampler/unwind/pack_rule.h"

namespace stacksampler::unwind {
namespace {

constexpr size_t kRowsPerFunction = 6;  // a guess for reserve()

class RowBuilder {
 public:
  RowBuilder(uintptr_t begin, uintptr_t end, SideTable* sides)
      : begin_(begin), end_(end), covered_(begin), sides_(sides) {
    Append(begin, Rule(NoRule::kGap));
  }

  void Reserve(size_t functions) { rows_.reserve(functions * kRowsPerFunction); }

  // Functions come in ascending order; what overlaps the one before is malformed.
  void AddFunction(const Cie& cie, const Fde& fde) {
    if (fde.begin < covered_ || fde.end > end_) return;
    CfiRows program(cie, fde);
    while (program.Next() && program.begin() < fde.end) {
      Append(program.begin(), Pack(program.state(), cie.is_signal_frame));
    }
    covered_ = fde.end;
    if (covered_ < end_) Append(covered_, Rule(NoRule::kGap));
  }

  std::vector<Row> Take() { return std::move(rows_); }

 private:
  Rule Pack(const CfiState& state, bool is_signal_frame) {
    SideRule side;
    const Rule rule = PackRule(state, is_signal_frame, &side);
    return rule.kind() == RuleKind::kSide ? sides_->Intern(side) : rule;
  }

  // A function begins where a gap was assumed: its first row replaces that one.
  void Append(uintptr_t at, Rule rule) {
    const auto offset = static_cast<uint32_t>(at - begin_);
    if (!rows_.empty() && rows_.back().offset == offset) rows_.pop_back();
    if (!rows_.empty() && rows_.back().rule == rule.bits()) return;
    rows_.push_back({offset, rule.bits()});
  }

  const uintptr_t begin_;
  const uintptr_t end_;
  uintptr_t covered_;
  SideTable* const sides_;
  std::vector<Row> rows_;
};

}  // namespace

Rule SideTable::Intern(const SideRule& side) {
  const auto found = std::find(rules_.begin(), rules_.end(), side);
  const auto i = static_cast<uint32_t>(found - rules_.begin());
  if (i == kMaxRules) return Rule(NoRule::kUnsupported);
  if (found == rules_.end()) rules_.push_back(side);
  return {RuleKind::kSide, 0, i};
}

std::vector<Row> BuildRows(const UnwindImage& image, uintptr_t begin, uintptr_t end,
                           SideTable* sides) {
  RowBuilder builder(begin, end, sides);
  FdeTable table(image);
  if (!table.Open()) return builder.Take();
  builder.Reserve(table.size());
  Cie cie;
  Fde fde;
  for (size_t i = 0; i < table.size(); ++i) {
    if (table.Read(i, &cie, &fde)) builder.AddFunction(cie, fde);
  }
  return builder.Take();
}

std::vector<uint32_t> BuildIndex(const std::vector<Row>& rows, uintptr_t code_bytes) {
  const uintptr_t last_block = (code_bytes - 1) >> ModuleTable::kBlockBits;
  std::vector<uint32_t> index(last_block + 2);
  uint32_t row = 0;
  for (uintptr_t block = 0; block < index.size(); ++block) {
    const uintptr_t offset = block << ModuleTable::kBlockBits;
    while (row + 1 < rows.size() && rows[row + 1].offset <= offset) ++row;
    index[block] = row;
  }
  return index;
}

}  // namespace stacksampler::unwind
