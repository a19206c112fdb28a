// SPDX-License-Identifier: MIT
#include "sampler/unwind/pack_rule.h"

#include <ucontext.h>

#include <cstddef>

namespace stacksampler::unwind {
namespace {

constexpr int32_t kWord = 8;
constexpr Rule kUnsupported{NoRule::kUnsupported};

constexpr int32_t ContextOffset(int greg) {
  return static_cast<int32_t>(offsetof(ucontext_t, uc_mcontext) + offsetof(mcontext_t, gregs)) +
         greg * static_cast<int32_t>(sizeof(greg_t));
}

bool IsOperand(int32_t offset) {
  return offset >= 0 && offset % kWord == 0 &&
         static_cast<uint32_t>(offset / kWord) <= Rule::kMaxOperand;
}

// The caller's registers lie together in a ucontext_t, as far from sp as the expressions of the
// signal trampoline say. They must agree with each other on where it begins.
Rule PackSignalFrame(const CfiState& state) {
  const CfaRule& cfa = state.cfa;
  const int32_t context = cfa.offset - ContextOffset(REG_RSP);
  const bool consistent = cfa.kind == CfaRule::kDeref && cfa.reg == arch::kDwarfSp &&
                          cfa.add == 0 && state.fp.kind == Saved::kAtSp &&
                          state.return_address.kind == Saved::kAtSp &&
                          state.fp.offset - ContextOffset(REG_RBP) == context &&
                          state.return_address.offset - ContextOffset(REG_RIP) == context;
  if (!consistent || !IsOperand(context)) return kUnsupported;
  return {RuleKind::kSignalFrame, 0, static_cast<uint32_t>(context / kWord)};
}

bool FitsSlot(const Saved& fp) {
  return fp.kind == Saved::kUnchanged ||
         (fp.kind == Saved::kAtCfa && fp.offset < 0 && fp.offset % kWord == 0 &&
          fp.offset >= -kWord * static_cast<int32_t>(Rule::kMaxSlot));
}

uint32_t Slot(const Saved& fp) {
  return fp.kind == Saved::kAtCfa ? static_cast<uint32_t>(-fp.offset / kWord) : 0;
}

Rule PackPlain(const CfiState& state) {
  const CfaRule& cfa = state.cfa;
  const bool fits =
      cfa.kind == CfaRule::kRegister && (cfa.reg == arch::kDwarfSp || cfa.reg == arch::kDwarfFp) &&
      IsOperand(cfa.offset) && (cfa.reg == arch::kDwarfFp || cfa.offset != 0) && FitsSlot(state.fp);
  if (!fits) return kUnsupported;
  return {cfa.reg == arch::kDwarfSp ? RuleKind::kSp : RuleKind::kFp, Slot(state.fp),
          static_cast<uint32_t>(cfa.offset / kWord)};
}

// A stack realigned by the callee: fp is the frame pointer, the CFA is kept below it.
Rule PackRealigned(const CfiState& state) {
  const CfaRule& cfa = state.cfa;
  const bool fits = cfa.kind == CfaRule::kDeref && cfa.reg == arch::kDwarfFp && cfa.add == 0 &&
                    state.fp.kind == Saved::kAtFp && state.fp.offset == 0 &&
                    FitsSlot({Saved::kAtCfa, cfa.offset});
  return fits ? Rule(RuleKind::kFpDeref, Slot({Saved::kAtCfa, cfa.offset}), 0) : kUnsupported;
}

Rule PackSide(const CfiState& state, SideRule* side) {
  const CfaRule& cfa = state.cfa;
  if (cfa.kind != CfaRule::kRegister && cfa.kind != CfaRule::kDeref) return kUnsupported;
  *side = SideRule();
  side->reg = cfa.reg;
  side->deref = cfa.kind == CfaRule::kDeref;
  side->deref_add = cfa.add;
  side->cfa_offset = cfa.offset;
  side->fp_offset = state.fp.offset;
  switch (state.fp.kind) {
    case Saved::kUnchanged:
      break;
    case Saved::kAtCfa:
      side->fp = SideRule::Fp::kAtCfa;
      break;
    case Saved::kAtFp:
      side->fp = SideRule::Fp::kAtFp;
      break;
    default:
      return kUnsupported;
  }
  return {RuleKind::kSide, 0, 0};
}

}  // namespace

Rule PackRule(const CfiState& state, bool is_signal_frame, SideRule* side) {
  if (state.return_address.kind == Saved::kUndefined) return {RuleKind::kRoot, 0, 0};
  if (is_signal_frame && state.return_address.kind == Saved::kAtSp) return PackSignalFrame(state);
  if (state.return_address.kind != Saved::kAtCfa || state.return_address.offset != -kWord) {
    return kUnsupported;
  }
  if (state.cfa.kind == CfaRule::kPlt) {
    if (state.fp.kind != Saved::kUnchanged) return kUnsupported;
    return {RuleKind::kPlt, 0, static_cast<uint32_t>(state.cfa.offset)};
  }
  Rule rule = PackPlain(state);
  if (rule == kUnsupported) rule = PackRealigned(state);
  if (rule == kUnsupported) rule = PackSide(state, side);
  return rule;
}

}  // namespace stacksampler::unwind
