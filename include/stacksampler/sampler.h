// SPDX-License-Identifier: MIT
//
// Purpose: samples the call stacks of every thread of this process, present and future, by CPU
//   time, without HTTP. Several readers each see every sample exactly once: a reader is handed a
//   window, and what it has not acknowledged is offered again, merged with what came after.
// Thread safety: all members may be called from any thread, but not from a signal handler.
// Signal safety: not async-signal-safe; the sampler's own SIGPROF handler is.
// Errors: kAlreadyExists when a sampler runs already or SIGPROF belongs to somebody else;
//   kPermissionDenied or kResourceExhausted when the kernel refuses a timer. The host program is
//   never disturbed by a failure.
#ifndef STACKSAMPLER_SAMPLER_H_
#define STACKSAMPLER_SAMPLER_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

struct SamplerOptions {
  // ---- Behaviour.
  /// CPU time of a thread between two of its samples; 1 ms to 10 s. Above the kernel's tick rate
  /// the weight of a sample makes up for the signals that the kernel merged.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(5);
  /// Samples only this thread (a kernel thread id); 0 = all threads.
  pid_t only_thread = 0;
  /// Labels of every sample, beside "thread", which is the sampler's own: {"service", "web"}.
  Labels labels;

  // ---- Cost.
  /// How often rings are emptied and new threads are looked for. A thread shorter than this may go
  /// unsampled; its CPU time is shown as "[unsampled]".
  std::chrono::milliseconds drain_interval = std::chrono::milliseconds(100);
  /// Bytes of ring per thread, a power of two from 16 KiB: 64 KiB hold about 250 stacks of 30
  /// frames.
  size_t ring_bytes = size_t{64} << 10;
  /// Most distinct call-tree nodes kept, 24 bytes each and about as much for names; what comes
  /// after is counted in "[overflow]".
  size_t max_nodes = size_t{1} << 18;
  /// Most samples a timeline reader holds unacknowledged, 32 bytes each; what comes after keeps its
  /// weight but loses its moment.
  size_t max_timeline_samples = size_t{1} << 20;
};

/// Counters since Start(). Invariant: delivered_weight == recorded_weight + the sum of the
/// dropped_* weights.
struct SamplerStats {
  uint64_t delivered_signals = 0;
  uint64_t delivered_weight = 0;
  uint64_t recorded_weight = 0;
  uint64_t dropped_ring_full_weight = 0;
  uint64_t truncated_stacks = 0;   // depth cap: middle frames left out, both ends kept
  uint64_t incomplete_stacks = 0;  // the walk ended before the root
  uint64_t guessed_frames = 0;     // code without unwind rows: heuristic
  uint64_t overflow_weight = 0;    // recorded, but under "[overflow]": node cap
  uint64_t lost_moments = 0;       // recorded, but without their moment: timeline cap
  uint64_t foreign_signals = 0;    // SIGPROF that was not ours
  uint64_t threads_seen = 0;
  uint64_t threads_now = 0;
  uint64_t timer_failures = 0;  // threads that could not be given a timer
};

using ReaderId = uint64_t;

struct ReaderOptions {
  /// Keep the moment of each sample (Profile::timeline()).
  bool timeline = false;
  /// Start with what was sampled since Start() (true) or from now on (false). With only_thread:
  /// from now on.
  bool from_start = false;
  /// Only samples of this thread (a kernel thread id); 0 = all.
  pid_t only_thread = 0;
};

/// What one read covers. profile.start_ns/end_ns/period_ns are set; labels: {"thread", name} and
/// SamplerOptions::labels.
struct Window {
  uint64_t id = 0;  // grows with each Read() of any reader; 0 is never used
  Profile profile;
};

class STACKSAMPLER_EXPORT Sampler {
 public:
  /// Starts sampling; at most one Sampler runs in a process.
  static Result<std::shared_ptr<Sampler>> Start(const SamplerOptions& options = {});
  /// The running one, or null.
  static std::shared_ptr<Sampler> Running();

  ~Sampler();  // Stop()
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Leaves no timer, thread, descriptor or pending SIGPROF, and the signal's former disposition.
  /// What was sampled stays readable. Idempotent. Where the kernel refuses to delete a timer (a
  /// seccomp filter), that is named, and SIGPROF stays ignored.
  Status Stop();

  ReaderId OpenReader(const ReaderOptions& options = {});
  void CloseReader(ReaderId reader);
  /// Everything since the reader's last acknowledged window, up to now. kNotFound for a reader that
  /// is not open.
  Result<Window> Read(ReaderId reader);
  /// The window will not be offered again. False (and no effect) unless `window_id` is the last one
  /// read.
  bool Acknowledge(ReaderId reader, uint64_t window_id);
  /// Read and Acknowledge in one atomic step.
  Result<Window> Take(ReaderId reader);

  [[nodiscard]] SamplerStats Stats() const;
  [[nodiscard]] const SamplerOptions& options() const;
  /// Tells runs of a process apart: 16 hex digits, new with each Start().
  [[nodiscard]] const std::string& instance() const;

 private:
  class Impl;
  explicit Sampler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_SAMPLER_H_
