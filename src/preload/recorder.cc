// SPDX-License-Identifier: MIT
#include "preload/recorder.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "base/errno_status.h"

namespace stacksampler::preload {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWindow{1};

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::Start(const Config& config) {
  std::shared_ptr<Sampler> sampler = Sampler::Running();
  const bool owns_sampler = sampler == nullptr;
  if (owns_sampler) {
    SamplerOptions options;
    options.mode = config.mode;
    options.interval = config.interval;
    Result<std::shared_ptr<Sampler>> started = Sampler::Start(options);
    if (!started.ok()) return started.status();
    sampler = *std::move(started);
  }
  std::unique_ptr<Recorder> recorder(new Recorder(config, std::move(sampler), owns_sampler));
  if (Status status = recorder->StartThread(); !status.ok()) return status;
  return recorder;
}

Recorder::Recorder(const Config& config, std::shared_ptr<Sampler> sampler, bool owns_sampler)
    : config_(config),
      sampler_(std::move(sampler)),
      owns_sampler_(owns_sampler),
      reader_(sampler_->OpenReader({/*timeline=*/true, /*from_start=*/true})),
      sink_(config.output, config.format) {}

Status Recorder::StartThread() {
  sigset_t all;
  sigset_t former;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &former);
  Status status;
  try {
    thread_ = std::thread([this] { Run(); });
    pthread_setname_np(thread_.native_handle(), "stacksampler");
  } catch (const std::system_error& error) {
    status = ErrnoStatus(error.code().value(), "start the recording thread");
  }
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
  return status;
}

// Whatever becomes of the recording, the program goes on.
void Recorder::Run() {
  try {
    Record();
  } catch (const std::exception& error) {  // out of memory
    Report({StatusCode::kResourceExhausted, std::string("the recording ended: ") + error.what()});
  }
}

void Recorder::Record() {
  const auto begin = Clock::now();
  const auto end = config_.duration ? begin + *config_.duration : Clock::time_point::max();
  for (auto next = begin + kWindow;; next += kWindow) {
    const bool last = WaitUntil(std::min(next, end)) || Clock::now() >= end;
    // What the sampler still holds comes with its end.
    if (last && owns_sampler_) Report(sampler_->Stop());
    TakeWindow();
    if (last) break;
  }
  sampler_->CloseReader(reader_);
  Report(sink_.Finish());
}

// True when Finish() was called.
bool Recorder::WaitUntil(Clock::time_point time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return wake_.wait_until(lock, time, [this] { return finish_; });
}

void Recorder::TakeWindow() {
  const Result<Window> window = sampler_->Take(reader_);
  Report(window.ok() ? sink_.Add(window->profile) : window.status());
}

// The first failure is told, and no other: a full disk would fill the log, too.
void Recorder::Report(const Status& status) {
  if (status.ok() || failed_) return;
  failed_ = true;
  Complain(status);
}

void Recorder::Finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    finish_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Complain(const Status& status) {
  const std::string line = "stacksampler: " + status.message() + '\n';
  // One write: lines of several processes must not mix. Where stderr is closed there is nobody to
  // tell.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace stacksampler::preload
