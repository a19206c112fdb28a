// SPDX-License-Identifier: MIT
#include "sampler/sigprof.h"

#include <dlfcn.h>

#include <cerrno>
#include <string>

#include "base/errno_status.h"
#include "sampler/handler/signal_handler.h"

namespace stacksampler::sampling {
namespace {

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == HandleSigprof;
}

bool IsFree(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 &&
         (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
}

Status TakenStatus(const struct sigaction& action) {
  Dl_info info{};
  std::string owner;
  if (dladdr(reinterpret_cast<const void*>(action.sa_sigaction), &info) != 0) {
    owner = std::string(" in ") + info.dli_fname;
  }
  return {StatusCode::kAlreadyExists, "SIGPROF is taken by a handler" + owner +
                                          "; stop the other profiler (or its ITIMER_PROF) first"};
}

}  // namespace

Status SigprofDisposition::Take() {
  if (sigaction(SIGPROF, nullptr, &before_) != 0) return ErrnoStatus(errno, "sigaction SIGPROF");
  if (!IsFree(before_)) return TakenStatus(before_);
  struct sigaction action {};
  action.sa_sigaction = HandleSigprof;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(SIGPROF, &action, nullptr) != 0) return ErrnoStatus(errno, "sigaction SIGPROF");
  taken_ = true;
  return Status::Ok();
}

void SigprofDisposition::Silence() {
  struct sigaction now {};
  if (!taken_ || sigaction(SIGPROF, nullptr, &now) != 0 || !IsOurs(now)) return;
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  silenced_ = sigaction(SIGPROF, &ignore, nullptr) == 0;
}

void SigprofDisposition::Restore() {
  struct sigaction now {};
  if (!taken_ || sigaction(SIGPROF, nullptr, &now) != 0) return;
  if (IsOurs(now) || (silenced_ && IsFree(now))) sigaction(SIGPROF, &before_, nullptr);
  taken_ = false;
  silenced_ = false;
}

}  // namespace stacksampler::sampling
