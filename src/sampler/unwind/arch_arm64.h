// SPDX-License-Identifier: MIT
//
// Purpose: arm64 (AAPCS64): a call leaves its return address in x30, and who calls on saves it
//   anywhere in its frame, nearly always right above x29, the frame pointer.
// Signal safety: everything here is async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_ARCH_ARM64_H_
#define STACKSAMPLER_SAMPLER_UNWIND_ARCH_ARM64_H_

#include <ucontext.h>
#include <csignal>

#include <cstddef>
#include <cstdint>

namespace stacksampler::unwind::arch {

/// Of user space, unless a program asks mmap() for more by an address hint.
inline constexpr unsigned kAddressBits = 48;
/// Nothing lives below the stack pointer.
inline constexpr uintptr_t kRedZoneBytes = 0;
/// A call leaves its return address in a register.
inline constexpr bool kHasLinkRegister = true;
/// Linkage tables keep to x16 and x17: to the walker they are code of the one who calls.
inline constexpr bool kHasPltRule = false;

// Numbers in DWARF for the Arm 64-bit architecture, table 4.1.
inline constexpr uint8_t kDwarfFp = 29;
inline constexpr uint8_t kDwarfReturnAddress = 30;
inline constexpr uint8_t kDwarfSp = 31;
inline constexpr uint8_t kGeneralRegisters = 32;

// How an interrupted frame's registers lie in a ucontext_t: x0 to x30, sp, pc.
using Register = decltype(mcontext_t::pc);
inline constexpr size_t kRegisterCount = 33;
inline constexpr size_t kRegistersOffset = offsetof(ucontext_t, uc_mcontext.regs);
inline constexpr int kFp = 29;
inline constexpr int kLinkRegister = 30;
inline constexpr int kSp = 31;
inline constexpr int kPc = 32;
static_assert(offsetof(ucontext_t, uc_mcontext.sp) == kRegistersOffset + kSp * sizeof(Register));
static_assert(offsetof(ucontext_t, uc_mcontext.pc) == kRegistersOffset + kPc * sizeof(Register));
/// By number in DWARF.
inline constexpr struct {
  constexpr int operator[](uint8_t reg) const { return reg; }
} kRegisterOf;

// A rule's slot: the return address is saved at CFA - 8 * (slot / 2), 0 = still in x30; when slot
// is even, fp is saved right below it. No frame keeps its return address in x30 and fp below it, so
// that no rule of a frame is 0.
inline constexpr unsigned kSlotBits = 12;
inline constexpr unsigned kOperandBits = 14;
/// How far below the CFA the return address is saved; 0 = not saved.
constexpr uintptr_t ReturnAddressBytes(uintptr_t slot_bytes) {
  return slot_bytes / 2 & ~uintptr_t{7};
}
/// The same of fp.
constexpr uintptr_t FpBytes(uintptr_t slot_bytes) {
  return (slot_bytes & 8) != 0 ? 0 : ReturnAddressBytes(slot_bytes) + 8;
}

inline constexpr size_t kMaxCallBytes = 4;
/// bti c; adrp x16, page; ldr x17, [x16, offset]
inline constexpr size_t kPltEntryBytes = 12;

/// Without the signature that pointer authentication puts into the bits that no address has.
constexpr uintptr_t StripSignature(uint64_t return_address) {
  return return_address & ((uintptr_t{1} << kAddressBits) - 1);
}

/// Letters of a CIE's augmentation that need no reading: return addresses signed by the B key, and
/// tagged stack frames.
constexpr bool IsMereMark(uint8_t letter) { return letter == 'B' || letter == 'G'; }
/// Call frame instructions of this architecture alone that change nothing we restore:
/// DW_CFA_AARCH64_negate_ra_state and ..._with_pc. Signatures are taken off unasked.
constexpr bool IsMereMarkInstruction(uint8_t opcode) { return opcode == 0x2d || opcode == 0x2c; }

inline constexpr bool kHasBareSignalTrampoline = true;
/// "mov x8, #SYS_rt_sigreturn; svc #0", by which unwinders are meant to know the kernel's signal
/// trampoline: it has no unwind information.
constexpr bool IsSignalTrampoline(uint64_t instructions) {
  return instructions == 0xd4000001d2801168;
}
/// Where the kernel puts the ucontext_t: behind a siginfo_t.
inline constexpr uint32_t kSignalContextWords = sizeof(siginfo_t) / 8;

inline uint64_t ReadTicks() {
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}

inline long RawSyscall(long number, long a, const void* b, long c, const void* d, long e, long f) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = reinterpret_cast<long>(b);
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = reinterpret_cast<long>(d);
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
  return x0;
}

}  // namespace stacksampler::unwind::arch

#endif  // STACKSAMPLER_SAMPLER_UNWIND_ARCH_ARM64_H_
