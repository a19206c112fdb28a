// SPDX-License-Identifier: MIT
#include "preload/attachment.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/valgrind.h"
#include "preload/config.h"
#include "preload/endpoint.h"
#include "preload/recorder.h"

namespace stacksampler::preload {
namespace {

constexpr char kPreload[] = "LD_PRELOAD";
constexpr char kLibrary[] = "libstacksampler_preload.so";

// Never destroyed by the C++ runtime: a forked child must leave it alone.
std::atomic<Recorder*> recorder{nullptr};
std::atomic<pid_t> recorded_pid{0};

Recorder* OwnRecorder() { return recorded_pid == getpid() ? recorder.load() : nullptr; }

// Programs that this one executes shall know nothing of us.
void LeavePreload() {
  const char* const value = getenv(kPreload);
  std::string rest = value == nullptr ? "" : value;
  for (size_t end = 0; (end = rest.find(kLibrary)) != std::string::npos;) {
    const size_t separator = rest.find_last_of(" :", end);
    const size_t begin = separator == std::string::npos ? 0 : separator + 1;
    rest.erase(begin, end + sizeof kLibrary - begin);  // with the separator that follows
  }
  if (rest.empty()) {
    unsetenv(kPreload);
  } else {
    setenv(kPreload, rest.c_str(), /*overwrite=*/1);
  }
}

Status Record(const Config& config) {
  if (!config.one_file_per_process) {
    setenv(kOutputPidVariable, std::to_string(getpid()).c_str(), /*overwrite=*/1);
  }
  if (RunsOnValgrind() && !config.endpoint) Complain({StatusCode::kUnavailable, kOnValgrind});
  Result<std::unique_ptr<Recorder>> started = Recorder::Start(config);
  if (!started.ok()) return started.status();
  recorder = (*std::move(started)).release();
  recorded_pid = getpid();
  return Status::Ok();
}

Status Start(bool* follow_fork) {
  const Result<Config> config =
      ReadConfig([](const char* name) { return secure_getenv(name); }, getpid());
  if (!config.ok()) return config.status();
  if (!config->follow_exec) LeavePreload();
  *follow_fork = config->follow_fork && config->asks_for_something();
  if (config->endpoint) {
    if (Status status = OpenEndpoint(); !status.ok()) return status;
  }
  return config->output.empty() ? Status::Ok() : Record(*config);
}

// True when forked children are to do the same.
bool StartOrComplain() {
  bool follow_fork = false;
  try {
    const Status status = Start(&follow_fork);
    if (!status.ok()) {
      Complain({status.code(), status.message() + "; the program runs without the profiler"});
    }
  } catch (const std::exception& error) {
    Complain({StatusCode::kResourceExhausted, error.what()});
  }
  return follow_fork;
}

}  // namespace

// The sampler's own fork handlers were installed by its start, and so run before ours: they leave
// the child with a sampler that can be started.
void Attach() {
  if (StartOrComplain()) {
    pthread_atfork(nullptr, nullptr, [] { static_cast<void>(StartOrComplain()); });
  }
}

void Detach() {
  if (Recorder* const own = OwnRecorder()) own->Finish();
}

void DetachInHaste() {
  if (Recorder* const own = OwnRecorder()) own->FinishInHaste();
}

void WriteInHaste() {
  if (Recorder* const own = OwnRecorder()) own->WriteInHaste();
}

}  // namespace stacksampler::preload
