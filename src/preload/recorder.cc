// SPDX-License-Identifier: MIT
#include "preload/recorder.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "base/errno_status.h"

namespace stacksampler::preload {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWindow{1};

// The steady clock is CLOCK_MONOTONIC.
timespec ToTimespec(Clock::time_point time) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  const int64_t ns = std::chrono::nanoseconds(time.time_since_epoch()).count();
  return {ns / kNsPerSecond, ns % kNsPerSecond};
}

// False when the time came first.
bool WaitFor(sem_t* semaphore, Clock::time_point time) {
  const timespec until = ToTimespec(time);
  while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &until) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::Start(const Config& config) {
  std::shared_ptr<Sampler> sampler = Sampler::Running();
  const bool owns_sampler = sampler == nullptr;
  if (owns_sampler) {
    Result<std::shared_ptr<Sampler>> started = Sampler::Start(config.sampler);
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
      sink_(config.output, config.format) {
  sem_init(&wake_, 0, 0);
  sem_init(&written_, 0, 0);
}

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
  finished_ = true;
  sem_post(&written_);
}

void Recorder::Record() {
  const auto end = config_.duration ? Clock::now() + *config_.duration : Clock::time_point::max();
  for (bool last = false; !last;) {
    WaitUntil(std::min(Clock::now() + kWindow, end));
    last = finish_ || Clock::now() >= end;
    const bool write = write_.exchange(false);
    // What the sampler still holds comes with its end.
    if (last && owns_sampler_) Report(sampler_->Stop());
    TakeWindow();
    if (!write) continue;
    Report(sink_.Write());
    sem_post(&written_);
  }
  sampler_->CloseReader(reader_);
  Report(sink_.Finish());
}

void Recorder::WaitUntil(Clock::time_point time) { (void)WaitFor(&wake_, time); }

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
  finish_ = true;
  sem_post(&wake_);
  if (thread_.joinable()) thread_.join();
}

void Recorder::FinishInHaste() {
  const auto deadline = Clock::now() + kLeavePatience;
  finish_ = true;
  sem_post(&wake_);
  while (!finished_ && WaitFor(&written_, deadline)) continue;
  // For another thread that leaves in this moment.
  sem_post(&written_);
}

void Recorder::WriteInHaste() {
  write_ = true;
  sem_post(&wake_);
  if (!finished_) (void)WaitFor(&written_, Clock::now() + kLeavePatience);
}

void Complain(const Status& status) {
  const std::string line = "stacksampler: " + status.message() + '\n';
  // One write: lines of several processes must not mix. Where stderr is closed there is nobody to
  // tell.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace stacksampler::preload
