// SPDX-License-Identifier: MIT
//
// Purpose: what the environment asks of the preload library.
//     STACKSAMPLER_OUTPUT=FILE   .cpuprofile, .folded, .pb or .windows; %p is the process id
//     STACKSAMPLER_HZ=N          samples per second, 0.1 to 1000 (200)
//     STACKSAMPLER_MODE=cpu|wall of CPU time, or of all time (cpu)
//     STACKSAMPLER_SECONDS=N     writes and stops after so long; else at exit
//     STACKSAMPLER_ADDR=host:port[..port]|off opens the endpoint, too
// Thread safety: pure functions.
// Signal safety: none.
// Errors: kInvalidArgument names the variable, its value and what it may be.
#ifndef STACKSAMPLER_PRELOAD_CONFIG_H_
#define STACKSAMPLER_PRELOAD_CONFIG_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::preload {

enum class OutputFormat { kCpuProfile, kFolded, kPprof, kWindowLog };

/// Of a file that is not for one process alone ("%p"), only the first process is the writer; its id
/// stands here.
inline constexpr char kOutputPidVariable[] = "STACKSAMPLER_OUTPUT_PID";

struct Config {
  std::string output;  // "" = write nothing
  OutputFormat format = OutputFormat::kCpuProfile;
  bool one_file_per_process = false;
  SamplerMode mode = SamplerMode::kCpu;
  std::chrono::nanoseconds interval = std::chrono::milliseconds(5);
  std::optional<std::chrono::nanoseconds> duration;
  bool endpoint = false;  // STACKSAMPLER_ADDR is set, and not to "off"
};

/// Null for a variable that is not set: secure_getenv.
using GetVariable = std::function<const char*(const char*)>;

Result<Config> ReadConfig(const GetVariable& get, pid_t pid);

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_CONFIG_H_
