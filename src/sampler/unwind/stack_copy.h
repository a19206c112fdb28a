// SPDX-License-Identifier: MIT
//
// Purpose: reads another thread's stack without touching it: the thread may be woken at any time,
//   and what it stood on be unmapped. The kernel copies, a page at a time, or says that it cannot.
// Thread safety: outside locking.
// Signal safety: not async-signal-safe.
// Errors: where process_vm_readv is forbidden, /proc/self/mem is read; where that is, too, source()
//   is kNone and nothing can be read.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_STACK_COPY_H_
#define STACKSAMPLER_SAMPLER_UNWIND_STACK_COPY_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/probe.h"

namespace stacksampler::unwind {

class StackCopy {
 public:
  enum class Source { kSystemCall, kMemoryFile, kNone };

  /// By the first source that works here.
  StackCopy();
  explicit StackCopy(Source source) : source_(source) { Forget(); }

  [[nodiscard]] Source source() const { return source_; }
  /// What was copied so far is old.
  void Forget();
  /// False when `address` is misaligned or not mapped.
  bool Load(uintptr_t address, uint64_t* value);
  /// The same for other memory, not kept.
  bool Read(uintptr_t address, void* to, size_t size) const;

 private:
  static constexpr size_t kPages = 4;
  static constexpr uintptr_t kNoPage = 1;

  Source source_;
  uintptr_t page_at_[kPages];
  uint64_t pages_[kPages][kPageBytes / sizeof(uint64_t)];
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_STACK_COPY_H_
