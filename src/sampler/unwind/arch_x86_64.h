// SPDX-License-Identifier: MIT
//
// Purpose: x86-64: a call pushes its return address, which therefore lies right below the CFA.
// Signal safety: everything here is async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_ARCH_X86_64_H_
#define STACKSAMPLER_SAMPLER_UNWIND_ARCH_X86_64_H_

#include <ucontext.h>

#include <cstddef>
#include <cstdint>

namespace stacksampler::unwind::arch {

/// Of user space with four-level paging.
inline constexpr unsigned kAddressBits = 47;
/// What the psABI lets a function keep below its stack pointer: a popped rbp may be there still.
inline constexpr uintptr_t kRedZoneBytes = 128;
/// A call leaves its return address in a register.
inline constexpr bool kHasLinkRegister = false;
/// Linkage tables push, and say so in an expression of their own.
inline constexpr bool kHasPltRule = true;

// Numbers in DWARF: the psABI's figure 3.36.
inline constexpr uint8_t kDwarfFp = 6;  // rbp
inline constexpr uint8_t kDwarfSp = 7;
inline constexpr uint8_t kDwarfReturnAddress = 16;
inline constexpr uint8_t kGeneralRegisters = 16;

// How an interrupted frame's registers lie in a ucontext_t.
using Register = greg_t;
inline constexpr size_t kRegisterCount = NGREG;
inline constexpr size_t kRegistersOffset = offsetof(ucontext_t, uc_mcontext.gregs);
inline constexpr int kPc = REG_RIP;
inline constexpr int kSp = REG_RSP;
inline constexpr int kFp = REG_RBP;
inline constexpr int kLinkRegister = -1;  // there is none
/// By number in DWARF.
inline constexpr int8_t kRegisterOf[kGeneralRegisters] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

// A rule's slot: fp is saved at CFA - 8 * slot; 0 = still in its register.
inline constexpr unsigned kSlotBits = 7;
inline constexpr unsigned kOperandBits = 19;
/// How far below the CFA the return address is saved.
constexpr uintptr_t ReturnAddressBytes(uintptr_t /*slot_bytes*/) { return 8; }
/// The same of fp; 0 = not saved.
constexpr uintptr_t FpBytes(uintptr_t slot_bytes) { return slot_bytes; }

/// The longest call, without prefixes.
inline constexpr size_t kMaxCallBytes = 7;
/// endbr64; bnd jmp *distance(%rip)
inline constexpr size_t kPltEntryBytes = 11;

constexpr uintptr_t StripSignature(uint64_t return_address) { return return_address; }

/// Letters of a CIE's augmentation that need no reading.
constexpr bool IsMereMark(uint8_t /*letter*/) { return false; }
/// Call frame instructions of this architecture alone that change nothing we restore.
constexpr bool IsMereMarkInstruction(uint8_t /*opcode*/) { return false; }

/// The C library's signal trampoline has unwind information, which says where the ucontext_t is.
inline constexpr bool kHasBareSignalTrampoline = false;
constexpr bool IsSignalTrampoline(uint64_t /*instructions*/) { return false; }
inline constexpr uint32_t kSignalContextWords = 0;

inline uint64_t ReadTicks() { return __builtin_ia32_rdtsc(); }

inline long RawSyscall(long number, long a, const void* b, long c, const void* d, long e, long f) {
  register long r10 asm("r10") = reinterpret_cast<long>(d);
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace stacksampler::unwind::arch

#endif  // STACKSAMPLER_SAMPLER_UNWIND_ARCH_X86_64_H_
