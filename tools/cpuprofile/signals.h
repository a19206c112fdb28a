// SPDX-License-Identifier: MIT
//
// Purpose: signals as events of the main loop instead of handlers.
// Thread safety: one object, in the main thread, before others start.
// Signal safety: nothing here runs in a handler.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_SIGNALS_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_SIGNALS_H_

#include <chrono>
#include <csignal>
#include <optional>

namespace stacksampler::cpuprofile {

/// Blocks SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGCHLD, so that they wait for Next().
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next one; nothing when none came until `deadline`.
  std::optional<siginfo_t> Next(std::chrono::steady_clock::time_point deadline);
  /// What was blocked before: for a child, before it executes another program.
  [[nodiscard]] const sigset_t& former_mask() const { return former_; }

 private:
  sigset_t waited_;
  sigset_t former_;
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_SIGNALS_H_
