// SPDX-License-Identifier: MIT
#include "base/end_signals.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

namespace stacksampler {
namespace {

constexpr int kRuntimeFailure = 1;

sigset_t BothSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void EndSignals::Block() {
  const sigset_t signals = BothSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

EndSignals::EndSignals(std::function<void()> on_end) : on_end_(std::move(on_end)) {
  Block();
  thread_ = std::thread([this] { Wait(); });
}

EndSignals::~EndSignals() {
  closing_ = true;
  // Blocked there and waited for: it wakes the thread, it does not end it.
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

void EndSignals::Wait() {
  const sigset_t signals = BothSignals();
  for (int received = 0;; ++received) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (closing_) return;
    if (received > 0) _exit(kRuntimeFailure);
    on_end_();
  }
}

}  // namespace stacksampler
