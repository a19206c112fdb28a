// SPDX-License-Identifier: MIT
#include "sampler/unwind/return_address.h"

#include <cstring>

#include "sampler/unwind/probe.h"

namespace stacksampler::unwind {
namespace {

constexpr size_t kDirectCallBytes = 5;
constexpr uint8_t kDirectCall = 0xe8;    // CALL rel32
constexpr uint8_t kIndirectCall = 0xff;  // CALL r/m64 when ModRM.reg is 2
constexpr uint8_t kIndirectCallReg = 2;

// Of an indirect CALL, from its ModRM byte and what follows (Intel SDM volume 2, table 2-2).
size_t IndirectCallBytes(const uint8_t* modrm) {
  const uint8_t mod = modrm[0] >> 6;
  const uint8_t rm = modrm[0] & 7;
  if (mod == 3) return 2;
  const bool has_sib = rm == 4;
  const bool no_base = mod == 0 && (has_sib ? (modrm[1] & 7) == 5 : rm == 5);
  const size_t displacement = mod == 1 ? 1 : mod == 2 || no_base ? 4 : 0;
  return 2 + (has_sib ? 1 : 0) + displacement;
}

int32_t Distance(const uint8_t* code) {
  int32_t distance = 0;
  std::memcpy(&distance, code, sizeof distance);
  return distance;
}

uintptr_t Plus(uintptr_t address, int32_t distance) {
  return address + static_cast<uintptr_t>(intptr_t{distance});
}

}  // namespace

bool EndsInCall(const uint8_t* code) {
  const uint8_t* end = code + kMaxCallBytes;
  if (end[-static_cast<ptrdiff_t>(kDirectCallBytes)] == kDirectCall) return true;
  for (size_t size = 2; size <= kMaxCallBytes; ++size) {
    const uint8_t* call = end - size;
    const bool indirect = call[0] == kIndirectCall && (call[1] >> 3 & 7) == kIndirectCallReg;
    const bool is_two_bytes = call[1] >> 6 == 3;  // then there is no SIB byte to look at
    if (indirect && (size > 2 || is_two_bytes || (call[1] & 7) != 4) &&
        IndirectCallBytes(call + 1) == size) {
      return true;
    }
  }
  return false;
}

CodeBefore LookBefore(uintptr_t address) {
  uint8_t code[kMaxCallBytes];
  if (address <= kPageBytes || !CopyFromSelf(address - sizeof code, code, sizeof code)) {
    return CodeBefore::kUnreadable;
  }
  return EndsInCall(code) ? CodeBefore::kCall : CodeBefore::kOther;
}

uintptr_t CallTarget(const uint8_t* code, uintptr_t address) {
  const uint8_t* direct = code + kMaxCallBytes - kDirectCallBytes;
  return *direct == kDirectCall ? Plus(address, Distance(direct + 1)) : 0;
}

uintptr_t PltSlot(const uint8_t* code, uintptr_t entry) {
  constexpr uint8_t kMarker[] = {0xf3, 0x0f, 0x1e, 0xfa};  // endbr64
  constexpr uint8_t kBound = 0xf2;
  constexpr uint8_t kJump[] = {0xff, 0x25};  // jmp *distance(%rip)
  size_t at = std::memcmp(code, kMarker, sizeof kMarker) == 0 ? sizeof kMarker : 0;
  if (code[at] == kBound) ++at;
  if (std::memcmp(code + at, kJump, sizeof kJump) != 0) return 0;
  const uintptr_t next = entry + at + sizeof kJump + sizeof(int32_t);
  return Plus(next, Distance(code + at + sizeof kJump));
}

}  // namespace stacksampler::unwind
