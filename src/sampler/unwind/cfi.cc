// SPDX-License-Identifier: MIT
#include "sampler/unwind/cfi.h"

namespace stacksampler::unwind {
namespace {

constexpr uint32_t kExtendedLength = 0xffffffff;
constexpr size_t kMaxAugmentation = 8;

// REQUIRES: a 0 ends the letters.
bool ParseAugmentationData(ByteReader letters, ByteReader data, Cie* cie) {
  for (uint8_t letter = letters.U8(); letter != 0; letter = letters.U8()) {
    switch (letter) {
      case 'R':
        cie->pointer_encoding = data.U8();
        break;
      case 'P':
        data.Pointer(data.U8(), 0, 0);
        break;
      case 'L':
        data.U8();
        break;
      case 'S':
        cie->is_signal_frame = true;
        break;
      default:
        if (!arch::IsMereMark(letter)) return false;
    }
  }
  return data.ok();
}

bool ParseAlignments(ByteReader* body, uint8_t version, Cie* cie) {
  bool fit = true;
  cie->code_align = static_cast<uint32_t>(Narrow(static_cast<int64_t>(body->Uleb()), &fit));
  cie->data_align = Narrow(body->Sleb(), &fit);
  const uint64_t return_register = version == 1 ? body->U8() : body->Uleb();
  return fit && return_register == arch::kDwarfReturnAddress;
}

}  // namespace

bool ParseCie(ByteReader from, Cie* cie) {
  *cie = Cie();
  uint64_t length = from.U32();
  if (length == kExtendedLength) length = from.U64();
  ByteReader body = from.Take(length);
  const bool is_cie = body.U32() == 0;
  const uint8_t version = body.U8();
  if (!is_cie || (version != 1 && version != 3)) return false;

  const bool augmented = !body.empty() && ByteReader(body).U8() == 'z';
  if (augmented) body.U8();
  const ByteReader letters = body;
  size_t letter_count = 0;
  while (body.U8() != 0) ++letter_count;
  if (letter_count > (augmented ? kMaxAugmentation : 0)) return false;
  if (!ParseAlignments(&body, version, cie)) return false;
  cie->has_augmentation_data = augmented;
  if (augmented && !ParseAugmentationData(letters, body.Take(body.Uleb()), cie)) return false;
  if (!body.ok()) return false;

  cie->program = body;
  return true;
}

CfiRows::CfiRows(const Cie& cie, const Fde& fde) : program_(cie.program), cie_(cie) {
  while (Next()) {
  }
  initial_ = state_;
  program_ = fde.program;
  begin_ = fde.begin;
  bytes_ = 0;
  done_ = false;
}

bool CfiRows::Next() {
  if (done_) return false;
  begin_ += bytes_;
  bytes_ = 0;
  while (!program_.empty()) {
    const Effect effect = Execute();
    if (effect == Effect::kMalformed || !program_.ok()) {
      state_ = CfiState();
      break;
    }
    if (effect == Effect::kAdvanced) return true;
  }
  done_ = true;
  return true;
}

CfiRows::Effect CfiRows::Execute() {
  const uint8_t opcode = program_.U8();
  const uint8_t operand = opcode & static_cast<uint8_t>(~dwarf::kPrimaryMask);
  switch (opcode & dwarf::kPrimaryMask) {
    case dwarf::kAdvanceLoc:
      return Advance(operand);
    case dwarf::kOffset:
      return Save(operand, AtCfa(static_cast<int64_t>(program_.Uleb())));
    case dwarf::kRestore:
      return Restore(operand);
    default:
      return ExecuteExtended(opcode);
  }
}

// Evaluation order matters: each operand is read in a statement of its own.
CfiRows::Effect CfiRows::ExecuteExtended(uint8_t opcode) {
  switch (opcode) {
    case dwarf::kNop:
      return Effect::kNone;
    case dwarf::kAdvanceLoc1:
      return Advance(program_.U8());
    case dwarf::kAdvanceLoc2:
      return Advance(program_.U16());
    case dwarf::kAdvanceLoc4:
      return Advance(program_.U32());
    case dwarf::kRestoreExtended:
      return Restore(program_.Uleb());
    case dwarf::kRememberState:
      return Remember();
    case dwarf::kRestoreState:
      return Recall();
    case dwarf::kDefCfaRegister:
      return DefineCfa(program_.Uleb(), state_.cfa.offset);
    case dwarf::kDefCfaOffset:
      return DefineCfa(state_.cfa.reg, static_cast<int64_t>(program_.Uleb()));
    case dwarf::kDefCfaOffsetSf:
      return DefineCfa(state_.cfa.reg, Scaled(program_.Sleb()));
    case dwarf::kDefCfaExpression:
      state_.cfa = ParseCfaExpression(program_.Take(program_.Uleb()));
      return Effect::kNone;
    case dwarf::kGnuArgsSize:
      program_.Uleb();
      return Effect::kNone;
    default:
      if (arch::IsMereMarkInstruction(opcode)) return Effect::kNone;
      break;
  }

  const uint64_t reg = program_.Uleb();
  switch (opcode) {
    case dwarf::kUndefined:
      return Save(reg, Saved{Saved::kUndefined, 0});
    case dwarf::kSameValue:
      return Save(reg, Saved{Saved::kUnchanged, 0});
    case dwarf::kOffsetExtended:
      return Save(reg, AtCfa(static_cast<int64_t>(program_.Uleb())));
    case dwarf::kOffsetExtendedSf:
      return Save(reg, AtCfa(program_.Sleb()));
    case dwarf::kGnuNegativeOffsetExtended:
      return Save(reg, AtCfa(-static_cast<int64_t>(program_.Uleb())));
    case dwarf::kDefCfa:
      return DefineCfa(reg, static_cast<int64_t>(program_.Uleb()));
    case dwarf::kDefCfaSf:
      return DefineCfa(reg, Scaled(program_.Sleb()));
    case dwarf::kExpression:
      return Save(reg, ParseLocationExpression(program_.Take(program_.Uleb())));
    case dwarf::kValExpression:
      program_.Take(program_.Uleb());
      return Save(reg, Saved{Saved::kElsewhere, 0});
    case dwarf::kRegister:
    case dwarf::kValOffset:
    case dwarf::kValOffsetSf:
      program_.Uleb();
      return Save(reg, Saved{Saved::kElsewhere, 0});
    default:
      return Effect::kMalformed;
  }
}

CfiRows::Effect CfiRows::Advance(uint32_t delta) {
  if (__builtin_mul_overflow(delta, cie_.code_align, &bytes_)) return Effect::kMalformed;
  return bytes_ != 0 ? Effect::kAdvanced : Effect::kNone;
}

CfiRows::Effect CfiRows::Save(uint64_t reg, Saved saved) {
  if (reg == arch::kDwarfFp) state_.fp = saved;
  if (reg == arch::kDwarfReturnAddress) state_.return_address = saved;
  return Effect::kNone;
}

CfiRows::Effect CfiRows::Restore(uint64_t reg) {
  return Save(reg, reg == arch::kDwarfFp ? initial_.fp : initial_.return_address);
}

CfiRows::Effect CfiRows::Remember() {
  if (remembered_count_ == kMaxRememberedStates) return Effect::kMalformed;
  remembered_[remembered_count_++] = state_;
  return Effect::kNone;
}

CfiRows::Effect CfiRows::Recall() {
  if (remembered_count_ == 0) return Effect::kMalformed;
  state_ = remembered_[--remembered_count_];
  return Effect::kNone;
}

CfiRows::Effect CfiRows::DefineCfa(uint64_t reg, int64_t offset) {
  bool known = reg < arch::kGeneralRegisters;
  state_.cfa.offset = Narrow(offset, &known);
  state_.cfa.kind = known ? CfaRule::kRegister : CfaRule::kUnknown;
  state_.cfa.reg = static_cast<uint8_t>(reg);
  return Effect::kNone;
}

Saved CfiRows::AtCfa(int64_t factored_offset) const {
  bool fits = true;
  const int32_t offset = Narrow<Saved::kOffsetBits>(Scaled(factored_offset), &fits);
  return {fits ? Saved::kAtCfa : Saved::kElsewhere, offset};
}

// Wraps around for absurd operands, as the address space does; Narrow() then judges the result.
int64_t CfiRows::Scaled(int64_t factored_offset) const {
  return static_cast<int64_t>(static_cast<uint64_t>(factored_offset) *
                              static_cast<uint64_t>(cie_.data_align));
}

}  // namespace stacksampler::unwind
