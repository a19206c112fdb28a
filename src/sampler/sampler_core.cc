// SPDX-License-Identifier: MIT
#include "sampler/sampler_core.h"

#include <cstdint>
#include <cstdio>
#include <random>
#include <utility>

#include "base/valgrind.h"
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
      drain_thread_(options.drain_interval, [this] { Drain(); }),
      builder_(options) {}

void SamplerCore::Drain() {
  const std::lock_guard lock(drain_lock_);
  engine_.Drain();
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
  Status status = engine_.ArmThreads();
  if (!status.ok()) return status;
  status = drain_thread_.Start();
  if (status.ok()) engine_.ExemptOwnThread(drain_thread_.tid());
  return status;
}

// The last drain comes when no signal can come any more: what was pending and is thrown away then
// shows as "[unsampled]".
Status SamplerCore::End() {
  drain_thread_.StopAndJoin();
  const std::lock_guard lock(drain_lock_);
  Status status = engine_.DeleteTimers();
  sigprof_.Silence();
  engine_.Drain();
  engine_.Close();
  if (status.ok()) sigprof_.Restore();
  return status;
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
  return engine_.Stats();
}

void SamplerCore::AbandonInForkedChild(bool still) {
  abandoned_ = true;
  sigprof_.Restore();
  if (!still) return;
  engine_.CloseInForkedChild();
  drain_lock_.unlock();
}

}  // namespace stacksampler::sampling
