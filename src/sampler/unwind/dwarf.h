// SPDX-License-Identifier: MIT
//
// Purpose: the numbers of DWARF 5 and of the Linux Standard Base's .eh_frame that the parser knows.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_DWARF_H_
#define STACKSAMPLER_SAMPLER_UNWIND_DWARF_H_

#include <cstdint>

namespace stacksampler::unwind::dwarf {

// Call frame instructions: the upper two bits, or else the whole byte.
inline constexpr uint8_t kPrimaryMask = 0xc0;
inline constexpr uint8_t kAdvanceLoc = 0x40;
inline constexpr uint8_t kOffset = 0x80;
inline constexpr uint8_t kRestore = 0xc0;
inline constexpr uint8_t kNop = 0x00;
inline constexpr uint8_t kAdvanceLoc1 = 0x02;
inline constexpr uint8_t kAdvanceLoc2 = 0x03;
inline constexpr uint8_t kAdvanceLoc4 = 0x04;
inline constexpr uint8_t kOffsetExtended = 0x05;
inline constexpr uint8_t kRestoreExtended = 0x06;
inline constexpr uint8_t kUndefined = 0x07;
inline constexpr uint8_t kSameValue = 0x08;
inline constexpr uint8_t kRegister = 0x09;
inline constexpr uint8_t kRememberState = 0x0a;
inline constexpr uint8_t kRestoreState = 0x0b;
inline constexpr uint8_t kDefCfa = 0x0c;
inline constexpr uint8_t kDefCfaRegister = 0x0d;
inline constexpr uint8_t kDefCfaOffset = 0x0e;
inline constexpr uint8_t kDefCfaExpression = 0x0f;
inline constexpr uint8_t kExpression = 0x10;
inline constexpr uint8_t kOffsetExtendedSf = 0x11;
inline constexpr uint8_t kDefCfaSf = 0x12;
inline constexpr uint8_t kDefCfaOffsetSf = 0x13;
inline constexpr uint8_t kValOffset = 0x14;
inline constexpr uint8_t kValOffsetSf = 0x15;
inline constexpr uint8_t kValExpression = 0x16;
inline constexpr uint8_t kGnuArgsSize = 0x2e;
inline constexpr uint8_t kGnuNegativeOffsetExtended = 0x2f;

// Expression operators.
inline constexpr uint8_t kOpDeref = 0x06;
inline constexpr uint8_t kOpAnd = 0x1a;
inline constexpr uint8_t kOpPlus = 0x22;
inline constexpr uint8_t kOpPlusUconst = 0x23;
inline constexpr uint8_t kOpShl = 0x24;
inline constexpr uint8_t kOpGe = 0x2a;
inline constexpr uint8_t kOpLit0 = 0x30;   // ..kOpLit0 + 31
inline constexpr uint8_t kOpBreg0 = 0x70;  // ..kOpBreg0 + 31

// Pointer encodings.
inline constexpr uint8_t kPointerOmit = 0xff;
inline constexpr uint8_t kPointerFormatMask = 0x0f;
inline constexpr uint8_t kPointerBaseMask = 0x70;
inline constexpr uint8_t kPointerAbsolute = 0x00;
inline constexpr uint8_t kPointerUleb = 0x01;
inline constexpr uint8_t kPointerU16 = 0x02;
inline constexpr uint8_t kPointerU32 = 0x03;
inline constexpr uint8_t kPointerU64 = 0x04;
inline constexpr uint8_t kPointerSleb = 0x09;
inline constexpr uint8_t kPointerS16 = 0x0a;
inline constexpr uint8_t kPointerS32 = 0x0b;
inline constexpr uint8_t kPointerS64 = 0x0c;
inline constexpr uint8_t kPointerPcRelative = 0x10;
inline constexpr uint8_t kPointerDataRelative = 0x30;

}  // namespace stacksampler::unwind::dwarf

#endif  // STACKSAMPLER_SAMPLER_UNWIND_DWARF_H_
