// SPDX-License-Identifier: MIT
//
// Purpose: tells whether valgrind runs this program, without valgrind's headers.
// Thread safety: pure function.
// Signal safety: async-signal-safe.
// Source: the "client request" of Valgrind's manual, section 3.1 of its core: instructions that do
//   nothing, at which its translator looks.
#ifndef STACKSAMPLER_BASE_VALGRIND_H_
#define STACKSAMPLER_BASE_VALGRIND_H_

#include <cstdint>

namespace stacksampler {

/// What a person who profiles under valgrind should know.
inline constexpr char kOnValgrind[] =
    "under valgrind the samples show what valgrind makes of this program, and helgrind and drd "
    "take "
    "the sampler's lock-free parts for races";

inline bool RunsOnValgrind() {
#if defined(__x86_64__)
  constexpr uint64_t kRunningOnValgrind = 0x1001;
  const volatile uint64_t request[6] = {kRunningOnValgrind, 0, 0, 0, 0, 0};
  uint64_t answer = 0;
  // The rotations add up to 128 bits, and the exchange is with itself.
  asm volatile(
      "rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "+d"(answer)
      : "a"(request)
      : "cc", "memory", "rdi");
  return answer != 0;
#else
  return false;
#endif
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_VALGRIND_H_
