// SPDX-License-Identifier: MIT
//
// The shapes of expressions that compilers, assemblers and linkers emit for the CFA, the return
// address and rbp on x86-64. Others exist on paper only, or in a handful of assembly routines.
#include "sampler/unwind/cfi.h"

namespace stacksampler::unwind {
namespace {

constexpr uint8_t kPltEntryMask = 15;
constexpr uint8_t kLitCount = 32;

bool IsLiteral(uint8_t op) { return op >= dwarf::kOpLit0 && op < dwarf::kOpLit0 + kLitCount; }

// rsp + 8 + ((rip & 15) >= n) << 3: n is where in the entry the push has been executed.
CfaRule ParsePltExpression(ByteReader expression) {
  const bool matches = expression.U8() == dwarf::kOpBreg0 + dwarf::kRsp && expression.U8() == 8 &&
                       expression.U8() == dwarf::kOpBreg0 + dwarf::kReturnAddress &&
                       expression.U8() == 0 && expression.U8() == dwarf::kOpLit0 + kPltEntryMask &&
                       expression.U8() == dwarf::kOpAnd;
  const uint8_t threshold = expression.U8();
  const bool ends = expression.U8() == dwarf::kOpGe && expression.U8() == dwarf::kOpLit0 + 3 &&
                    expression.U8() == dwarf::kOpShl && expression.U8() == dwarf::kOpPlus;
  if (!matches || !ends || !IsLiteral(threshold) || !expression.ok() || !expression.empty()) {
    return CfaRule();
  }
  return {CfaRule::kPlt, 0, 0, threshold - dwarf::kOpLit0};
}

}  // namespace

CfaRule ParseCfaExpression(const ByteReader& expression) {
  ByteReader reader = expression;
  const uint8_t op = reader.U8();
  if (op < dwarf::kOpBreg0 || op >= dwarf::kOpBreg0 + dwarf::kGeneralRegisters) return CfaRule();

  bool understood = true;
  CfaRule rule{CfaRule::kRegister, static_cast<uint8_t>(op - dwarf::kOpBreg0), 0, 0};
  rule.offset = Narrow(reader.Sleb(), &understood);
  if (!reader.empty()) {
    understood = understood && reader.U8() == dwarf::kOpDeref;
    rule.kind = CfaRule::kDeref;
  }
  if (!reader.empty()) {
    understood = understood && reader.U8() == dwarf::kOpPlusUconst;
    const auto add = static_cast<int64_t>(reader.Uleb());
    rule.add = static_cast<int16_t>(Narrow<16>(add, &understood));
  }
  understood = understood && reader.ok() && reader.empty();
  return understood ? rule : ParsePltExpression(expression);
}

Saved ParseLocationExpression(const ByteReader& expression) {
  ByteReader reader = expression;
  const uint8_t op = reader.U8();
  bool understood = op == dwarf::kOpBreg0 + dwarf::kRbp || op == dwarf::kOpBreg0 + dwarf::kRsp;
  const int32_t offset = Narrow<Saved::kOffsetBits>(reader.Sleb(), &understood);
  if (!understood || !reader.ok() || !reader.empty()) return {Saved::kElsewhere, 0};
  return {op == dwarf::kOpBreg0 + dwarf::kRbp ? Saved::kAtRbp : Saved::kAtRsp, offset};
}

}  // namespace stacksampler::unwind
