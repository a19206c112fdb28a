// SPDX-License-Identifier: MIT
#include "sampler/drain_thread.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <utility>

#include "base/errno_status.h"

namespace stacksampler::sampling {
namespace {

timespec After(std::chrono::milliseconds interval) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t ns = now.tv_nsec + std::chrono::nanoseconds(interval).count();
  return {now.tv_sec + ns / kNsPerSecond, ns % kNsPerSecond};
}

void WaitFor(sem_t* wake, std::chrono::milliseconds interval) {
  const timespec until = After(interval);
  while (sem_clockwait(wake, CLOCK_MONOTONIC, &until) != 0 && errno != ETIMEDOUT) {
  }
}

}  // namespace

DrainThread::DrainThread(std::chrono::milliseconds interval, Pace pace, std::function<void()> tick)
    : interval_(interval), pace_(pace), random_(std::random_device{}()), tick_(std::move(tick)) {
  sem_init(&started_, 0, 0);
  sem_init(&wake_, 0, 0);
}

DrainThread::~DrainThread() {
  StopAndJoin();
  sem_destroy(&started_);
  sem_destroy(&wake_);
}

Status DrainThread::Start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // The new thread inherits the mask.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&thread_, nullptr, Main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return ErrnoStatus(error, "create the sampler's thread");
  while (sem_wait(&started_) != 0) {
  }
  return Status::Ok();
}

void DrainThread::Wake() {
  if (!woken_.exchange(true)) sem_post(&wake_);
}

void DrainThread::StopAndJoin() {
  if (tid_ == 0) return;
  stopping_ = true;
  sem_post(&wake_);
  pthread_join(thread_, nullptr);
  tid_ = 0;
}

std::chrono::milliseconds DrainThread::NextInterval() {
  if (pace_ == Pace::kEven) return interval_;
  const int64_t ms = interval_.count();
  return std::chrono::milliseconds(
      std::uniform_int_distribution<int64_t>((ms + 1) / 2, ms + ms / 2)(random_));
}

void* DrainThread::Main(void* self) {
  static_cast<DrainThread*>(self)->Run();
  return nullptr;
}

void DrainThread::TickOnce() {
  try {
    tick_();
  } catch (const std::exception&) {
    // Out of memory, most likely. The next tick takes over what this one left: it is no reason to
    // end the host.
  }
}

void DrainThread::Run() {
  pthread_setname_np(pthread_self(), "stacksampler");
  tid_ = gettid();
  sem_post(&started_);
  while (!stopping_) {
    TickOnce();
    WaitFor(&wake_, NextInterval());
    woken_ = false;
  }
}

}  // namespace stacksampler::sampling
