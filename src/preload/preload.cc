// SPDX-License-Identifier: MIT
//
// Purpose: samples a program that knows nothing of it: LD_PRELOAD=libstacksampler_preload.so. See
//   config.h for the environment; without STACKSAMPLER_OUTPUT and STACKSAMPLER_ADDR nothing is
//   started. Limits: the file is written when the program returns from main or calls exit().
//   _exit(), exec and signals that kill pass by: then a window log (.windows) still holds all but
//   the last second, other formats nothing. A child made by fork records nothing; a program that it
//   executes is recorded on its own.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "preload/config.h"
#include "preload/endpoint.h"
#include "preload/recorder.h"

namespace stacksampler::preload {
namespace {

// Never destroyed by the C++ runtime: a forked child must leave it alone.
Recorder* recorder = nullptr;
pid_t recorded_pid = 0;

Status Start() {
  Result<Config> config =
      ReadConfig([](const char* name) { return secure_getenv(name); }, getpid());
  if (!config.ok()) return config.status();
  if (config->endpoint) {
    if (Status status = OpenEndpoint(); !status.ok()) return status;
  }
  if (config->output.empty()) return Status::Ok();
  if (!config->one_file_per_process) {
    setenv(kOutputPidVariable, std::to_string(getpid()).c_str(), /*overwrite=*/1);
  }
  Result<std::unique_ptr<Recorder>> started = Recorder::Start(*config);
  if (!started.ok()) return started.status();
  recorder = (*std::move(started)).release();
  recorded_pid = getpid();
  return Status::Ok();
}

__attribute__((constructor)) void OnLoad() {
  try {
    if (Status status = Start(); !status.ok()) Complain(status);
  } catch (const std::exception& error) {
    Complain({StatusCode::kResourceExhausted, error.what()});
  }
}

__attribute__((destructor)) void OnExit() {
  if (recorder != nullptr && recorded_pid == getpid()) recorder->Finish();
}

}  // namespace
}  // namespace stacksampler::preload
