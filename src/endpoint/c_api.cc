// SPDX-License-Identifier: MIT
#include "stacksampler/c_api.h"

#include <cstdint>
#include <cstdio>
#include <string>

#include "stacksampler/profile_server.h"

namespace {

std::string& LastError() {
  thread_local std::string message;
  return message;
}

int Outcome(const stacksampler::Status& status) {
  LastError() = status.message();
  return -static_cast<int>(status.code());
}

}  // namespace

int stacksampler_run_profiler(const char* host, int port) {
  if (port < 0 || port > UINT16_MAX) {
    const std::string message = "port " + std::to_string(port) + ": not in 0..65535";
    std::fprintf(stderr, "stacksampler: run_profiler: %s\n", message.c_str());
    return Outcome({stacksampler::StatusCode::kInvalidArgument, message});
  }
  stacksampler::ProfilerOptions options;
  if (host != nullptr) options.host = host;
  if (port != 0) options.port = static_cast<uint16_t>(port);
  return Outcome(stacksampler::run_profiler(options));
}

int stacksampler_run_profiler_env(void) { return Outcome(stacksampler::run_profiler()); }

int stacksampler_stop_profiler(void) { return Outcome(stacksampler::stop_profiler()); }

const char* stacksampler_last_error(void) { return LastError().c_str(); }
