// SPDX-License-Identifier: MIT
//
// Purpose: what the environment asks of the preload library, beside what sampler/environment.h
//   reads:
//   STACKSAMPLER_OUTPUT=FILE       .cpuprofile, .folded, .pb, each also with .gz, or .windows; "%p"
//                                  becomes the process id
//   STACKSAMPLER_SECONDS=N         writes and stops after so long; else at the end
//   STACKSAMPLER_ADDR=host:port[..port]|unix:/path|off   opens the endpoint, too
//   STACKSAMPLER_FOLLOW=fork,exec  which new processes do the same; "none", and "exec" when unset
// Thread safety: pure functions.
// Signal safety: none.
// Errors: kInvalidArgument names the variable, its value and what it may be.
#ifndef STACKSAMPLER_PRELOAD_CONFIG_H_
#define STACKSAMPLER_PRELOAD_CONFIG_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "sampler/environment.h"
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
  bool gzip = false;
  bool one_file_per_process = false;
  SamplerOptions sampler;
  std::optional<std::chrono::nanoseconds> duration;
  bool endpoint = false;  // STACKSAMPLER_ADDR is set, and not to "off"
  bool follow_fork = false;
  bool follow_exec = true;

  [[nodiscard]] bool asks_for_something() const { return endpoint || !output.empty(); }
};

Result<Config> ReadConfig(const sampling::GetVariable& get, pid_t pid);

}  // namespace stacksampler::preload

#endif  // STACKSAMPLER_PRELOAD_CONFIG_H_
