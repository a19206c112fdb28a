// SPDX-License-Identifier: MIT
#include "sampler/sampler_core.h"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <random>
#include <utility>
#include <vector>

#include "base/errno_status.h"
#include "base/valgrind.h"
#include "sampler/proc_task.h"
#include "sampler/unwind/probe.h"

namespace stacksampler::sampling {
namespace {

std::string NewInstance() {
  std::random_device random;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", static_cast<unsigned>(random()),
                static_cast<unsigned>(random()));
  return text;
}

Status BelongsToParent() {
  return {StatusCode::kUnavailable,
          "this sampler stayed in the parent process; start another one here"};
}

}  // namespace

SamplerCore::SamplerCore(const SamplerOptions& options)
    : options_(options),
      instance_(NewInstance()),
      engine_(options),
      drain_thread_(options.drain_interval,
                    options.mode == SamplerMode::kWall ? DrainThread::Pace::kRandom
                                                       : DrainThread::Pace::kEven,
                    [this] { Drain(); }),
      builder_(options) {}

void SamplerCore::Drain() {
  std::unique_lock lock(drain_lock_);
  engine_.Drain();
  if (told_of_deaf_thread_ || engine_.deaf_thread().empty()) return;
  told_of_deaf_thread_ = true;
  const std::string name = engine_.deaf_thread();
  lock.unlock();
  TellOfDeafThread(name);
}

// Once: it is the first thing to know where a profile lacks a part of the program. Not by stdio,
// whose lock the host's threads share.
void SamplerCore::TellOfDeafThread(const std::string& name) {
  uint64_t threads = 0;
  for (const auto& [other, count] : ThreadsThatBlockSigprof()) threads += count;
  dprintf(
      STDERR_FILENO,
      "stacksampler: thread '%s' uses CPU time and blocks SIGPROF: it is [unsampled] (such threads "
      "now: %llu); leave SIGPROF out of its signal mask (pthread_sigmask)\n",
      name.c_str(), static_cast<unsigned long long>(threads));
}

Status SamplerCore::Begin() {
  unwind::AskByCopying(RunsOnValgrind());
  Status status = sigprof_.Take();
  if (!status.ok()) return status;
  status = BeginUnderSigprof();
  if (!status.ok()) (void)End();
  return status;
}

// The lock keeps every drain waiting until the engine knows which thread is its own.
Status SamplerCore::BeginUnderSigprof() {
  const std::lock_guard lock(drain_lock_);
  return IfMemoryLasts([&] {
    Status status = engine_.ArmThreads();
    if (!status.ok()) return status;
    status = drain_thread_.Start();
    if (status.ok()) engine_.ExemptOwnThread(drain_thread_.tid());
    return status;
  });
}

// The last drain comes when no signal can come any more: what was pending and is thrown away then
// shows as "[unsampled]".
Status SamplerCore::End() {
  drain_thread_.StopAndJoin();
  const std::lock_guard lock(drain_lock_);
  Status status = engine_.DeleteTimers();
  sigprof_.Silence();
  engine_.AwaitHandlers();
  const Status drained = LastDrain();
  engine_.Close();
  if (!status.ok()) return status;
  sigprof_.Restore();
  return drained;
}

// What there is no memory for is not in the profile, and that is told.
Status SamplerCore::LastDrain() {
  return IfMemoryLasts([&] {
    engine_.Drain();
    engine_.SettleWaits();
    return Status::Ok();
  });
}

void SamplerCore::AdmitThread(pid_t tid, std::chrono::milliseconds patience) {
  const std::unique_lock lock(drain_lock_, patience);
  if (lock.owns_lock()) engine_.AdmitThread(tid);
}

void SamplerCore::NoteLeaving(pid_t tid, std::chrono::milliseconds patience) {
  const std::unique_lock lock(drain_lock_, patience);
  if (lock.owns_lock() && engine_.NoteLeaving(tid)) drain_thread_.Wake();
}

ReaderId SamplerCore::OpenReader(const ReaderOptions& options) {
  if (abandoned()) return 0;
  const std::lock_guard lock(drain_lock_);
  return engine_.OpenReader(options);
}

void SamplerCore::CloseReader(ReaderId reader) {
  if (abandoned()) return;
  const std::lock_guard lock(drain_lock_);
  engine_.CloseReader(reader);
}

bool SamplerCore::KeepTimes(ReaderId reader, int64_t bucket_ns) {
  if (abandoned()) return false;
  const std::lock_guard lock(drain_lock_);
  return engine_.KeepTimes(reader, bucket_ns);
}

Result<Window> SamplerCore::Read(ReaderId reader, bool acknowledge) {
  if (abandoned()) return BelongsToParent();
  std::unique_lock drain(drain_lock_);
  const Result<WindowSnapshot> snapshot = engine_.Offer(reader);
  if (!snapshot.ok()) return snapshot.status();
  if (acknowledge) engine_.Acknowledge(reader, snapshot->id);
  drain.unlock();
  const std::lock_guard naming(naming_lock_);
  return Window{snapshot->id, builder_.Build(*snapshot)};
}

bool SamplerCore::Acknowledge(ReaderId reader, uint64_t window_id) {
  if (abandoned()) return false;
  const std::lock_guard lock(drain_lock_);
  return engine_.Acknowledge(reader, window_id);
}

SamplerStats SamplerCore::Stats() {
  if (abandoned()) return {};
  const std::lock_guard lock(drain_lock_);
  SamplerStats stats = engine_.Stats();
  stats.skipped_perf_map_lines = builder_.skipped_perf_map_lines();
  return stats;
}

std::map<std::string, uint64_t> SamplerCore::ThreadsThatBlockSigprof() {
  std::map<std::string, uint64_t> names;
  const Result<std::vector<pid_t>> threads = ListThreads();
  if (!threads.ok() || abandoned()) return names;
  for (const pid_t tid : *threads) {
    const bool chosen = options_.only_thread == 0 || options_.only_thread == tid;
    if (!chosen || tid == drain_thread_.tid() || !Blocks(tid, SIGPROF)) continue;
    const std::string name = ThreadName(tid);
    if (!IsProfilersThread(name)) ++names[name];
  }
  return names;
}

void SamplerCore::AbandonInForkedChild(bool still) {
  abandoned_ = true;
  sigprof_.Restore();
  if (!still) return;
  engine_.CloseInForkedChild();
  drain_lock_.unlock();
}

}  // namespace stacksampler::sampling
