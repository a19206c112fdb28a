// SPDX-License-Identifier: MIT
//
// Purpose: call frame information (DWARF 5, section 6.4, and the LSB's .eh_frame), reduced to what
//   a profiler restores: the CFA, the return address and rbp.
// Signal safety: async-signal-safe: states are remembered in place, kMaxRememberedStates deep.
// Errors: whatever is malformed or not understood makes the state of its range unusable
//   (CfaRule::kUnknown, Saved::kElsewhere); it is never guessed.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_CFI_H_
#define STACKSAMPLER_SAMPLER_UNWIND_CFI_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/byte_reader.h"

namespace stacksampler::unwind {

struct CfaRule {
  enum Kind : uint8_t {
    kUnknown,
    kRegister,  // reg + offset
    kDeref,     // *(reg + offset) + add
    kPlt,       // of a 16-byte PLT entry that has pushed from byte `offset` on
  };

  Kind kind = kUnknown;
  uint8_t reg = 0;
  int32_t offset = 0;
  int32_t add = 0;
};

/// Where the caller's value of a register is.
struct Saved {
  enum Kind : uint8_t { kUnchanged, kUndefined, kAtCfa, kAtRbp, kAtRsp, kElsewhere };

  Kind kind = kUnchanged;
  int32_t offset = 0;  // from the CFA, rbp or rsp
};

struct CfiState {
  CfaRule cfa;
  Saved rbp;
  Saved return_address;
};

/// What a "common information entry" lends to its FDEs.
struct Cie {
  uintptr_t address = 0;  // of the entry; 0 = none read yet
  uint64_t code_align = 1;
  int64_t data_align = 1;
  uint8_t pointer_encoding = 0;
  bool has_augmentation_data = false;
  bool is_signal_frame = false;
  CfiState initial;
};

/// One function's entry: its code [begin, end) and the program that describes it.
struct Fde {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  ByteReader program;
};

/// `entry`: the bytes from the CIE's length field on. False when malformed or of an unknown kind.
bool ParseCie(ByteReader entry, Cie* cie);

/// A DWARF expression for the CFA, or for where a register is saved.
CfaRule ParseCfaExpression(ByteReader expression);
Saved ParseLocationExpression(ByteReader expression);

/// `value` in 32 bits; clears *fits when it has more.
[[gnu::always_inline]] inline int32_t Narrow(int64_t value, bool* fits) {
  *fits = *fits && value == static_cast<int32_t>(value);
  return static_cast<int32_t>(value);
}

/// Runs a program, range by range. The Cie must outlive it.
class CfiRows {
 public:
  static constexpr size_t kMaxRememberedStates = 4;

  CfiRows(const Cie& cie, ByteReader program, uintptr_t begin)
      : program_(program), cie_(cie), next_(begin), state_(cie.initial) {}

  /// Moves to the next range, which begins at begin() and reaches to the next one's begin or the
  /// function's end. False after the last.
  bool Next();
  uintptr_t begin() const { return begin_; }
  const CfiState& state() const { return state_; }

 private:
  enum class Effect { kNone, kAdvanced, kMalformed };

  Effect Execute();
  Effect ExecuteExtended(uint8_t opcode);
  Effect Advance(uint64_t delta);
  Effect SetLocation();
  Effect Save(uint64_t reg, Saved saved);
  Effect Restore(uint64_t reg);
  Effect Remember();
  Effect Recall();
  Effect DefineCfa(uint64_t reg, int64_t offset);
  Saved AtCfa(int64_t factored_offset) const;
  int64_t Scaled(int64_t factored_offset) const;

  ByteReader program_;
  const Cie& cie_;
  uintptr_t begin_ = 0;
  uintptr_t next_;
  bool done_ = false;
  uint8_t remembered_count_ = 0;
  CfiState state_;
  CfiState remembered_[kMaxRememberedStates];
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_CFI_H_
