// SPDX-License-Identifier: MIT
//
// Purpose: `cpuprofile record`: the timeline of a program that is run for it, or of one that serves
//   its profile.
// Errors: name the program or URL and the way out.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_RECORD_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_RECORD_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cpuprofile/http_url.h"
#include "cpuprofile/output.h"
#include "http/client.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

struct RecordOptions {
  Output output;
  std::string thread;        // "" = all
  http::FetchOptions fetch;  // how a running program's endpoint is asked
  std::optional<std::chrono::seconds> duration;
  /// Of a program that is run; a running one has its own.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(1);
  /// The same: "cpu" or "wall"; "" = as STACKSAMPLER_MODE says, or cpu.
  std::string mode;
  /// The same: the line that was running; false = as STACKSAMPLER_LINES says, or the function's.
  bool running_lines = false;
};

/// Runs the program under the preload library, and waits for its end. After `duration` the file is
/// written and the sampling ends, but the program goes on: a profiler ends no program. Its exit
/// status, 128 + n after signal n.
Result<int> RecordProgram(const RecordOptions& options, const std::vector<std::string>& command);

/// Reads windows of a running endpoint for `duration`. SIGINT ends the reading early, and keeps
/// what there is. REQUIRES: options.duration.
Status RecordUrl(const RecordOptions& options, const http::Url& target);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_RECORD_H_
