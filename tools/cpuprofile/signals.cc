// SPDX-License-Identifier: MIT
#include "cpuprofile/signals.h"

#include <algorithm>

namespace stacksampler::cpuprofile {

Signals::Signals() {
  sigemptyset(&waited_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&waited_, signal);
  pthread_sigmask(SIG_BLOCK, &waited_, &former_);
}

Signals::~Signals() { pthread_sigmask(SIG_SETMASK, &former_, nullptr); }

std::optional<siginfo_t> Signals::Next(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::max(std::chrono::nanoseconds(0),
                             std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now()));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout = {static_cast<time_t>(seconds.count()),
                            static_cast<long>((left - seconds).count())};
  siginfo_t info{};
  if (sigtimedwait(&waited_, &info, &timeout) < 0) return {};
  return info;
}

}  // namespace stacksampler::cpuprofile
