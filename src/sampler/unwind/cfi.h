// SPDX-License-Identifier: MIT
//
// Purpose: call frame information (DWARF 5, section 6.4, and the LSB's .eh_frame), reduced to what
//   a profiler restores: the CFA, the return address and fp.
// Signal safety: async-signal-safe: states are remembered in place, kMaxRememberedStates deep.
// Errors: whatever is malformed or not understood makes the state of its range unusable
//   (CfaRule::kUnknown, Saved::kElsewhere); it is never guessed.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_CFI_H_
#define STACKSAMPLER_SAMPLER_UNWIND_CFI_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/arch.h"
#include "sampler/unwind/byte_reader.h"

namespace stacksampler::unwind {

// Small, for they are remembered on the stack of a signal handler. What does not fit is unknown.
struct CfaRule {
  enum Kind : uint8_t {
    kUnknown,
    kRegister,  // reg + offset
    kDeref,     // *(reg + offset) + add
    kPlt,       // of a 16-byte PLT entry that has pushed from byte `offset` on
  };

  Kind kind = kUnknown;
  uint8_t reg = 0;
  int16_t add = 0;
  int32_t offset = 0;
};

/// Where the caller's value of a register is.
struct Saved {
  enum Kind : uint32_t { kUnchanged, kUndefined, kAtCfa, kAtFp, kAtSp, kElsewhere };
  static constexpr int kOffsetBits = 29;

  Kind kind : 3 = kUnchanged;
  int32_t offset : kOffsetBits = 0;  // from the CFA, fp or sp
};

struct CfiState {
  CfaRule cfa;
  Saved fp;
  Saved return_address;
};
static_assert(sizeof(CfiState) == 16);

/// What a "common information entry" lends to its FDEs.
struct Cie {
  uint32_t code_align = 1;
  int32_t data_align = 1;
  uint8_t pointer_encoding = 0;
  bool has_augmentation_data = false;
  bool is_signal_frame = false;
  ByteReader program;  // makes the state in which each function begins
};

/// One function's entry: its code [begin, end) and the program that describes it.
struct Fde {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  ByteReader program;
};

/// Reads the entry whose length field `from` begins with. False when malformed or of an unknown
/// kind.
bool ParseCie(ByteReader from, Cie* cie);

/// Reads a whole DWARF expression: for the CFA, or for where a register is saved.
CfaRule ParseCfaExpression(ByteReader expression);
Saved ParseLocationExpression(ByteReader expression);

/// `value` in `Bits` bits; clears *fits when it has more.
template <int Bits = 32>
[[gnu::always_inline]] inline int32_t Narrow(int64_t value, bool* fits) {
  constexpr int64_t kLimit = int64_t{1} << (Bits - 1);
  *fits = *fits && value >= -kLimit && value < kLimit;
  return *fits ? static_cast<int32_t>(value) : 0;
}

/// Runs a function's program, range by range. The Cie must outlive it.
class CfiRows {
 public:
  /// Compilers nest one deep.
  static constexpr size_t kMaxRememberedStates = 2;

  CfiRows(const Cie& cie, const Fde& fde);

  /// Moves to the next range, which begins at begin() and reaches to the next one's begin or the
  /// function's end. False after the last.
  bool Next();
  uintptr_t begin() const { return begin_; }
  const CfiState& state() const { return state_; }

 private:
  enum class Effect { kNone, kAdvanced, kMalformed };

  Effect Execute();
  Effect ExecuteExtended(uint8_t opcode);
  Effect Advance(uint32_t delta);
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
  uint32_t bytes_ = 0;  // of code, from begin_ to where the next range begins
  bool done_ = false;
  uint8_t remembered_count_ = 0;
  CfiState state_;
  CfiState initial_;
  CfiState remembered_[kMaxRememberedStates];
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_CFI_H_
