// SPDX-License-Identifier: MIT
//
// Purpose: one sampler's parts and their two locks.
// Thread safety: all members may be called from any thread, Begin, End and the fork members under
//   the process-wide lock of process_state.h.
// Signal safety: not async-signal-safe. Lock order: process-wide lock, drain lock. The naming lock
//   is never held together with another: naming may take long, and rings are to be drained
//   meanwhile.
#ifndef STACKSAMPLER_SAMPLER_SAMPLER_CORE_H_
#define STACKSAMPLER_SAMPLER_SAMPLER_CORE_H_

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "sampler/drain_thread.h"
#include "sampler/engine.h"
#include "sampler/profile_builder.h"
#include "sampler/sigprof.h"
#include "stacksampler/sampler.h"

namespace stacksampler::sampling {

class SamplerCore {
 public:
  explicit SamplerCore(const SamplerOptions& options);

  /// Leaves nothing behind when it fails.
  Status Begin();
  /// Once, after a Begin() that succeeded. Where a timer cannot be deleted, SIGPROF stays ignored:
  /// its default action would kill.
  Status End();

  SamplerCore(const SamplerCore&) = delete;
  SamplerCore& operator=(const SamplerCore&) = delete;

  ReaderId OpenReader(const ReaderOptions& options);
  void CloseReader(ReaderId reader);
  bool KeepTimes(ReaderId reader, int64_t bucket_ns);
  Result<Window> Read(ReaderId reader, bool acknowledge);
  bool Acknowledge(ReaderId reader, uint64_t window_id);
  SamplerStats Stats();
  std::map<std::string, uint64_t> ThreadsThatBlockSigprof();

  /// See Engine. Give up where a drain takes longer than `patience`: it may itself wait for
  /// something that the calling thread's creator holds.
  void AdmitThread(pid_t tid, std::chrono::milliseconds patience);
  void NoteLeaving(pid_t tid, std::chrono::milliseconds patience);

  // ---- Around fork(), in this order; HoldStill may give up.
  bool HoldStill(std::chrono::milliseconds patience) { return drain_lock_.try_lock_for(patience); }
  void Resume() { drain_lock_.unlock(); }
  /// In the child, instead of Resume. `still` is what HoldStill returned.
  void AbandonInForkedChild(bool still);
  /// True for the copy that a child has of its parent's sampler: it is inert.
  /// By its process id where no fork handler ran (_Fork, raw clone).
  [[nodiscard]] bool abandoned() const { return abandoned_ || getpid() != owner_; }

  [[nodiscard]] const SamplerOptions& options() const { return options_; }
  [[nodiscard]] const std::string& instance() const { return instance_; }

 private:
  void Drain();
  void TellOfDeafThread(const std::string& name);
  Status BeginUnderSigprof();
  Status LastDrain();

  const SamplerOptions options_;
  const std::string instance_;
  const pid_t owner_ = getpid();
  std::atomic<bool> abandoned_{false};
  SigprofDisposition sigprof_;
  std::timed_mutex drain_lock_;
  Engine engine_;  // under drain_lock_
  DrainThread drain_thread_;
  bool told_of_deaf_thread_ = false;  // its own thread's
  std::mutex naming_lock_;
  ProfileBuilder builder_;  // under naming_lock_
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_SAMPLER_CORE_H_
