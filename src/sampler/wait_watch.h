// SPDX-License-Identifier: MIT
//
// Purpose: wall-clock mode's look at threads that are blocked: where, and since when. No signal is
//   sent, so that no system call of the host ends with EINTR. /proc tells the program counter and
//   the stack pointer of a thread in the kernel, and its stack is walked on a copy. A thread that
//   ran in the middle of that, by its CPU clock and by a second look, was not seen.
// Thread safety: outside locking (the drain lock).
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_WAIT_WATCH_H_
#define STACKSAMPLER_SAMPLER_WAIT_WATCH_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "sampler/handler/sample_ring.h"
#include "sampler/unwind/stack_copy.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

class WaitWatch {
 public:
  enum class Sight {
    kBlocked,  // and the sample is filled but for its weight
    kRunning,  // or waiting for a CPU
    kMoved,    // it ran meanwhile
  };

  /// kPermissionDenied where the kernel shows no thread's state, or no memory.
  [[nodiscard]] Status Check() const;
  /// `cpu_ns` is the thread's CPU time as of a moment ago.
  Sight Look(pid_t tid, int64_t cpu_ns, RawSample* sample);

 private:
  unwind::StackCopy copy_;
};

/// How long the thread has waited for a CPU although it could have run; nullopt where the kernel
/// does not say. Known once it runs again.
std::optional<int64_t> RunDelayNs(pid_t tid);

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_WAIT_WATCH_H_
