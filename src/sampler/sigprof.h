// SPDX-License-Identifier: MIT
//
// Purpose: takes SIGPROF for our handler, and gives it back without killing anybody.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe but where it says so.
#ifndef STACKSAMPLER_SAMPLER_SIGPROF_H_
#define STACKSAMPLER_SAMPLER_SIGPROF_H_

#include <csignal>

#include "stacksampler/status.h"

namespace stacksampler::sampling {

class SigprofDisposition {
 public:
  /// kAlreadyExists when somebody else handles SIGPROF; then nothing is changed.
  Status Take();
  /// Ignores SIGPROF, by which the kernel throws away what is pending. REQUIRES: no timer is left.
  void Silence();
  /// Puts back what Take() found, unless somebody else has taken SIGPROF since.
  /// Async-signal-safe.
  void Restore();

 private:
  struct sigaction before_ {};
  bool taken_ = false;
  bool silenced_ = false;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_SIGPROF_H_
