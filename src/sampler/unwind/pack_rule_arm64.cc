// SPDX-License-Identifier: MIT
#include "sampler/unwind/pack_rule.h"

namespace stacksampler::unwind {
namespace {

constexpr int32_t kWord = 8;
constexpr Rule kUnsupported{NoRule::kUnsupported};
constexpr uint32_t kFpUnchanged = 1;  // in the slot
constexpr uint32_t kMaxReturnAddressWords = Rule::kMaxSlot / 2;

bool IsOperand(int32_t offset) {
  return offset >= 0 && offset % kWord == 0 &&
         static_cast<uint32_t>(offset / kWord) <= Rule::kMaxOperand;
}

bool IsFrameRegister(uint8_t reg) { return reg == arch::kDwarfSp || reg == arch::kDwarfFp; }

// Where it may be at all: in its register, or in the frame.
bool IsKnown(const Saved& saved) {
  return saved.kind == Saved::kUnchanged || (saved.kind == Saved::kAtCfa && saved.offset < 0);
}

bool FitsSlot(const Saved& fp, const Saved& return_address) {
  if (return_address.kind == Saved::kUnchanged) return fp.kind == Saved::kUnchanged;
  return return_address.offset % kWord == 0 &&
         return_address.offset >= -kWord * static_cast<int32_t>(kMaxReturnAddressWords) &&
         (fp.kind == Saved::kUnchanged || fp.offset == return_address.offset - kWord);
}

uint32_t Slot(const Saved& fp, const Saved& return_address) {
  const bool saved = return_address.kind == Saved::kAtCfa;
  const uint32_t words = saved ? static_cast<uint32_t>(-return_address.offset / kWord) : 0;
  return words * 2 + (fp.kind == Saved::kUnchanged ? kFpUnchanged : 0);
}

Rule PackPlain(const CfiState& state) {
  const CfaRule& cfa = state.cfa;
  const bool fits =
      IsFrameRegister(cfa.reg) && IsOperand(cfa.offset) && FitsSlot(state.fp, state.return_address);
  if (!fits) return kUnsupported;
  return {cfa.reg == arch::kDwarfSp ? RuleKind::kSp : RuleKind::kFp,
          Slot(state.fp, state.return_address), static_cast<uint32_t>(cfa.offset / kWord)};
}

Rule PackSide(const CfiState& state, SideRule* side) {
  *side = SideRule();
  side->reg = state.cfa.reg;
  side->cfa_offset = state.cfa.offset;
  side->fp = state.fp.kind == Saved::kAtCfa ? SideRule::Fp::kAtCfa : SideRule::Fp::kUnchanged;
  side->fp_offset = state.fp.offset;
  side->ra_offset = state.return_address.offset;
  return {RuleKind::kSide, 0, 0};
}

}  // namespace

// What a signal frame's program says differs between kernels, and is left out in most; where the
// registers lie does not.
Rule PackRule(const CfiState& state, bool is_signal_frame, SideRule* side) {
  if (is_signal_frame) return {RuleKind::kSignalFrame, 0, arch::kSignalContextWords};
  if (state.return_address.kind == Saved::kUndefined) return {RuleKind::kRoot, 0, 0};
  const bool is_known =
      state.cfa.kind == CfaRule::kRegister && IsKnown(state.return_address) && IsKnown(state.fp);
  if (!is_known) return kUnsupported;
  const Rule rule = PackPlain(state);
  return rule == kUnsupported ? PackSide(state, side) : rule;
}

}  // namespace stacksampler::unwind
