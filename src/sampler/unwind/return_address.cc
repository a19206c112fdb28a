// SPDX-License-Identifier: MIT
#include "sampler/unwind/return_address.h"

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

bool FollowsCall(uintptr_t address) {
  uint8_t code[kMaxCallBytes];
  return address > kPageBytes && CopyFromSelf(address - sizeof code, code, sizeof code) &&
         EndsInCall(code);
}

}  // namespace stacksampler::unwind
