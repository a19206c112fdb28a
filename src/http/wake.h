// SPDX-License-Identifier: MIT
//
// Purpose: descriptors inside a process that may close them under us ("close all descriptors" is a
//   daemon's usual step) and get their numbers for files of its own.
// Thread safety: free functions, any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_HTTP_WAKE_H_
#define STACKSAMPLER_HTTP_WAKE_H_

#include <sys/types.h>

#include "base/unique_fd.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

/// Tells whether a number still stands for the file it stood for. Not for eventfds: they share one.
class FdIdentity {
 public:
  explicit FdIdentity(int fd);
  [[nodiscard]] bool Is(int fd) const;

 private:
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// A socket that is connected to itself: what SendWake() writes, poll() sees and TakeWakes() reads.
/// A send() to whatever else has got its number would at the worst fail.
Result<UniqueFd> OpenWake();
void SendWake(int fd);
void TakeWakes(int fd);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_WAKE_H_
