// SPDX-License-Identifier: MIT
//
// Purpose: the recorded program as a child of ours, with our terminal and our signals.
// Thread safety: main thread only.
// Signal safety: none.
// Errors: Start() names the program and the system's reason when it could not be executed.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_CHILD_PROCESS_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cpuprofile/signals.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

class ChildProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// `path` is executed with `command` as its arguments; `environment` is added to ours. `signals`
  /// must outlive the object.
  static Result<ChildProcess> Start(const std::string& path,
                                    const std::vector<std::string>& command,
                                    const Environment& environment, Signals* signals);

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// True once the program has ended; false at the deadline. Hands signals that were sent to us
  /// alone on to it: what the terminal sends, it has got already.
  bool WaitUntil(std::chrono::steady_clock::time_point deadline);
  /// "" after an exit with 0; else "exited with status 3", "was ended by signal 11 (Segmentation
  /// fault)". REQUIRES: WaitUntil() was true.
  [[nodiscard]] std::string Complaint() const;
  /// As a shell tells it: 128 + n after signal n. REQUIRES: as above.
  [[nodiscard]] int ExitCode() const;

 private:
  ChildProcess(pid_t pid, Signals* signals) : pid_(pid), signals_(signals) {}
  bool Ended();

  pid_t pid_;
  Signals* signals_;
  bool ended_ = false;
  int wait_status_ = 0;
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_CHILD_PROCESS_H_
