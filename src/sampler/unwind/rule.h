// SPDX-License-Identifier: MIT
//
// Purpose: how one range of code is unwound, in 29 bits, so that an address' tag and its rule fit
//   into one atomic word. On x86-64 more than 99.5 % of all code is covered by "the CFA is sp + n
//   or fp + n, the return address lies below it, fp is at CFA - 8k or unchanged"; on arm64 the
//   return address is in its register, or at CFA - 8k with fp below it. A side table takes the
//   rest.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_RULE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_RULE_H_

#include <cstdint>

#include "sampler/unwind/arch.h"

namespace stacksampler::unwind {

enum class RuleKind : uint32_t {
  kSp = 0,           // CFA = sp + 8 * operand; never all bits 0
  kFp = 1,           // CFA = fp + 8 * operand
  kNone = 2,         // no rule: operand() is a NoRule
  kRoot = 3,         // the outermost frame
  kPlt = 4,          // CFA = sp + 8, and 8 more from byte `operand` of the 16-byte entry on
  kSignalFrame = 5,  // a ucontext_t lies at sp + 8 * operand
  kFpDeref = 6,      // CFA = *(fp - 8 * slot), caller's fp at *fp: realigned stacks
  kSide = 7,         // operand is an index into the side table
};

/// Why there is no rule.
enum class NoRule : uint32_t {
  kGap = 1,          // a module's code without unwind information
  kOutside = 2,      // in no module: generated code, or a wild pointer
  kUnsupported = 3,  // a rule that neither the bits nor the side table can say
};

class Rule {
 public:
  static constexpr unsigned kKindBits = 3;
  static constexpr unsigned kSlotBits = arch::kSlotBits;
  static constexpr unsigned kOperandBits = arch::kOperandBits;
  static constexpr unsigned kBits = kKindBits + kSlotBits + kOperandBits;
  static constexpr uint32_t kMaxSlot = (1u << kSlotBits) - 1;
  static constexpr uint32_t kMaxOperand = (1u << kOperandBits) - 1;

  constexpr Rule() = default;
  /// `slot`: what the frame has saved, and where; see arch::kSlotBits.
  /// REQUIRES: slot <= kMaxSlot, operand <= kMaxOperand.
  constexpr Rule(RuleKind kind, uint32_t slot, uint32_t operand)
      : bits_(static_cast<uint32_t>(kind) | slot << kKindBits |
              operand << (kKindBits + kSlotBits)) {}
  constexpr explicit Rule(NoRule reason)
      : Rule(RuleKind::kNone, 0, static_cast<uint32_t>(reason)) {}

  static constexpr Rule FromBits(uint32_t bits) {
    Rule rule;
    rule.bits_ = bits;
    return rule;
  }
  /// Not a rule: an unused cache entry, or nothing looked up yet.
  constexpr bool empty() const { return bits_ == 0; }
  /// True for kSp and kFp, which is nearly always, and for the empty rule.
  constexpr bool is_plain() const { return (bits_ & kPlainMask) == 0; }
  /// REQUIRES: is_plain().
  constexpr bool by_fp() const { return (bits_ & 1) != 0; }
  constexpr uint32_t slot_bytes() const { return bits_ & kMaxSlot << kKindBits; }
  /// Where below the CFA a frame by kSp or kFp keeps its return address; 0 = in the link register.
  constexpr uintptr_t return_address_bytes() const {
    return arch::ReturnAddressBytes(slot_bytes());
  }
  /// The same of the caller's fp; 0 = still in fp.
  constexpr uintptr_t fp_bytes() const { return arch::FpBytes(slot_bytes()); }
  constexpr uint32_t bits() const { return bits_; }
  constexpr RuleKind kind() const { return static_cast<RuleKind>(bits_ & ((1u << kKindBits) - 1)); }
  constexpr uint32_t slot() const { return bits_ >> kKindBits & kMaxSlot; }
  constexpr uint32_t operand() const { return bits_ >> (kKindBits + kSlotBits); }
  constexpr bool Is(NoRule reason) const { return *this == Rule(reason); }

  friend constexpr bool operator==(Rule, Rule) = default;

 private:
  static constexpr uint32_t kPlainMask = 6;
  static_assert(kKindBits == 3);  // 8 * slot lies in place

  uint32_t bits_ = 0;  // kind, slot, operand from the lowest bit on
};

/// What does not fit into a Rule. CFA = reg + cfa_offset, or *(reg + cfa_offset) + deref_add.
struct SideRule {
  enum class Fp : uint8_t { kUnchanged, kAtCfa, kAtFp };

  uint8_t reg = 0;  // DWARF number; other than sp and fp known in an interrupted frame only
  bool deref : 1 = false;
  Fp fp : 2 = Fp::kUnchanged;  // the caller's is saved at the CFA, or at fp, plus fp_offset
  int16_t deref_add = 0;
  int32_t cfa_offset = 0;
  int32_t fp_offset = 0;
  int32_t ra_offset = -8;  // the return address is saved there, from the CFA; 0 = link register

  friend constexpr bool operator==(const SideRule&, const SideRule&) = default;
};
static_assert(sizeof(SideRule) == 16);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_RULE_H_
