// SPDX-License-Identifier: MIT
#include "sampler/unwind/probe.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <atomic>

#include "sampler/unwind/arch.h"

namespace stacksampler::unwind {
namespace {

using arch::RawSyscall;

std::atomic<bool> ask_by_copying{false};

}  // namespace

void AskByCopying(bool on) { ask_by_copying.store(on, std::memory_order_relaxed); }

// The kernel copies the new mask in before it looks at `how`: EFAULT tells of the memory, EINVAL
// of our bogus `how`. Nothing is changed.
bool IsReadable(uintptr_t address) {
  uint64_t ignored = 0;
  if (ask_by_copying.load(std::memory_order_relaxed)) [[unlikely]] {
    return CopyFromSelf(address, &ignored, sizeof ignored);
  }
  constexpr long kBogusHow = -1;
  constexpr long kMaskBytes = 8;
  const long result =
      RawSyscall(SYS_rt_sigprocmask, kBogusHow, reinterpret_cast<const void*>(address), 0,
                 reinterpret_cast<const void*>(kMaskBytes), 0, 0);
  return result == -EINVAL;
}

bool CopyFromSelf(uintptr_t address, void* to, size_t size) {
  const long pid = RawSyscall(SYS_getpid, 0, nullptr, 0, nullptr, 0, 0);
  const iovec local{to, size};
  const iovec remote{reinterpret_cast<void*>(address), size};
  const long copied = RawSyscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0);
  return copied == static_cast<long>(size);
}

}  // namespace stacksampler::unwind
