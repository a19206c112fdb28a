// SPDX-License-Identifier: MIT
#include "sampler/unwind/return_address.h"

#include <cstring>

#include "sampler/unwind/probe.h"

namespace stacksampler::unwind {
namespace {

constexpr size_t kInstructionBytes = 4;

uint32_t InstructionAt(const uint8_t* code) {
  uint32_t instruction = 0;
  std::memcpy(&instruction, code, sizeof instruction);
  return instruction;
}

// `Bits` bits from `lowest` on, as a signed number.
template <unsigned Bits>
int64_t SignedField(uint32_t instruction, unsigned lowest) {
  return static_cast<int64_t>(uint64_t{instruction} >> lowest << (64 - Bits)) >> (64 - Bits);
}

// Arm Architecture Reference Manual, C6.2.
bool IsDirectCall(uint32_t instruction) { return instruction >> 26 == 0x25; }  // BL
// BLR; BLRAAZ and BLRABZ; BLRAA and BLRAB.
bool IsIndirectCall(uint32_t instruction) {
  return (instruction & 0xfffffc1f) == 0xd63f0000 || (instruction & 0xfffff81f) == 0xd63f081f ||
         (instruction & 0xfffff800) == 0xd73f0800;
}

}  // namespace

bool EndsInCall(const uint8_t* code) {
  const uint32_t instruction = InstructionAt(code);
  return IsDirectCall(instruction) || IsIndirectCall(instruction);
}

CodeBefore LookBefore(uintptr_t address) {
  uint8_t code[kInstructionBytes];
  if (address % kInstructionBytes != 0) return CodeBefore::kOther;
  if (address <= kPageBytes || !CopyFromSelf(address - sizeof code, code, sizeof code)) {
    return CodeBefore::kUnreadable;
  }
  return EndsInCall(code) ? CodeBefore::kCall : CodeBefore::kOther;
}

uintptr_t CallTarget(const uint8_t* code, uintptr_t address) {
  const uint32_t instruction = InstructionAt(code);
  if (!IsDirectCall(instruction)) return 0;
  const int64_t distance = SignedField<26>(instruction, 0) * int64_t{kInstructionBytes};
  return address - kInstructionBytes + static_cast<uintptr_t>(distance);
}

uintptr_t PltSlot(const uint8_t* code, uintptr_t entry) {
  constexpr uint32_t kBtiC = 0xd503245f;
  constexpr uintptr_t kAdrpPage = 4096;
  const size_t at = InstructionAt(code) == kBtiC ? kInstructionBytes : 0;
  const uint32_t page = InstructionAt(code + at);
  const uint32_t load = InstructionAt(code + at + kInstructionBytes);
  const bool is_entry = (page & 0x9f00001f) == 0x90000010 &&  // ADRP x16
                        (load & 0xffc003ff) == 0xf9400211;    // LDR x17, [x16, 8 * n]
  if (!is_entry) return 0;
  const int64_t pages = SignedField<19>(page, 5) * 4 + (page >> 29 & 3);
  return ((entry + at) & ~(kAdrpPage - 1)) + static_cast<uintptr_t>(pages) * kAdrpPage +
         (load >> 10 & 0xfff) * sizeof(uint64_t);
}

}  // namespace stacksampler::unwind
