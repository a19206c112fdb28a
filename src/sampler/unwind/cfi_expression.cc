// SPDX-License-Identifier: MIT
//
// The shapes of expressions that compilers, assemblers and linkers emit for the CFA, the return
// address and fp. Others exist on paper only, or in a handful of assembly routines.
#include "sampler/unwind/cfi.h"

namespace stacksampler::unwind {
namespace {

constexpr uint8_t kPltEntryMask = 15;
constexpr uint8_t kLitCount = 32;
constexpr uint8_t kBregRip = dwarf::kOpBreg0 + arch::kDwarfReturnAddress;
constexpr int32_t kWord = 8;
constexpr uint8_t kWordShift = 3;

bool IsLiteral(uint8_t op) { return op >= dwarf::kOpLit0 && op < dwarf::kOpLit0 + kLitCount; }

// sp + 8 + ((rip & 15) >= n) << 3: n is where in the entry the push has been executed. Reads what
// comes after sp + 8.
CfaRule ParsePltExpression(ByteReader* expression) {
  const bool matches = expression->U8() == kBregRip && expression->U8() == 0 &&
                       expression->U8() == dwarf::kOpLit0 + kPltEntryMask &&
                       expression->U8() == dwarf::kOpAnd;
  const uint8_t threshold = expression->U8();
  const bool ends = expression->U8() == dwarf::kOpGe &&
                    expression->U8() == dwarf::kOpLit0 + kWordShift &&
                    expression->U8() == dwarf::kOpShl && expression->U8() == dwarf::kOpPlus;
  if (!matches || !ends || !IsLiteral(threshold)) return CfaRule();
  return {CfaRule::kPlt, 0, 0, threshold - dwarf::kOpLit0};
}

// Reads what comes after reg + offset.
CfaRule ParseRest(ByteReader* expression, CfaRule rule, bool* understood) {
  if (expression->empty()) return rule;
  const bool is_plt = arch::kHasPltRule && rule.reg == arch::kDwarfSp && rule.offset == kWord;
  if (is_plt && ByteReader(*expression).U8() == kBregRip) return ParsePltExpression(expression);

  *understood = *understood && expression->U8() == dwarf::kOpDeref;
  rule.kind = CfaRule::kDeref;
  if (expression->empty()) return rule;
  *understood = *understood && expression->U8() == dwarf::kOpPlusUconst;
  const auto add = static_cast<int64_t>(expression->Uleb());
  rule.add = static_cast<int16_t>(Narrow<16>(add, understood));
  return rule;
}

}  // namespace

CfaRule ParseCfaExpression(ByteReader expression) {
  const uint8_t op = expression.U8();
  bool understood = op >= dwarf::kOpBreg0 && op < dwarf::kOpBreg0 + arch::kGeneralRegisters;
  CfaRule rule{CfaRule::kRegister, static_cast<uint8_t>(op - dwarf::kOpBreg0), 0, 0};
  rule.offset = Narrow(expression.Sleb(), &understood);
  rule = ParseRest(&expression, rule, &understood);
  return understood && expression.ok() && expression.empty() ? rule : CfaRule();
}

Saved ParseLocationExpression(ByteReader expression) {
  const uint8_t op = expression.U8();
  bool understood =
      op == dwarf::kOpBreg0 + arch::kDwarfFp || op == dwarf::kOpBreg0 + arch::kDwarfSp;
  const int32_t offset = Narrow<Saved::kOffsetBits>(expression.Sleb(), &understood);
  if (!understood || !expression.ok() || !expression.empty()) return {Saved::kElsewhere, 0};
  return {op == dwarf::kOpBreg0 + arch::kDwarfFp ? Saved::kAtFp : Saved::kAtSp, offset};
}

}  // namespace stacksampler::unwind
