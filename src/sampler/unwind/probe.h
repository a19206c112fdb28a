// SPDX-License-Identifier: MIT
//
// Purpose: questions to the kernel about memory that may not be there. Raw system calls: no errno,
//   no cancellation point, no fault.
// Signal safety: async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_PROBE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_PROBE_H_

#include <cstddef>
#include <cstdint>

namespace stacksampler::unwind {

inline constexpr uintptr_t kPageBytes = 4096;

/// True when the eight bytes at `address` can be read. REQUIRES: 8-aligned.
bool IsReadable(uintptr_t address);

/// Has IsReadable() copy instead of ask: valgrind prints a line for each of its questions.
void AskByCopying(bool on);

/// Copies `size` bytes from `address`, or says that it cannot; also where seccomp forbids
/// process_vm_readv.
bool CopyFromSelf(uintptr_t address, void* to, size_t size);

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_PROBE_H_
