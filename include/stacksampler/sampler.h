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

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler {

enum class SamplerMode {
  kCpu,   // time on a CPU
  kWall,  // all time: also where threads wait, and for how long
};

struct SamplerOptions {
  // ---- Behaviour.
  /// In wall-clock mode each sample has a label "state": "running", sampled by CPU time as ever, or
  /// "waiting". Threads that wait are looked at from outside at each drain, at random moments about
  /// drain_interval apart, and are never interrupted: what one has waited since it was last seen
  /// counts for the place where it waits now. Weight is then wall time; the threads' sum is not the
  /// process's.
  SamplerMode mode = SamplerMode::kCpu;
  /// CPU time of a thread between two of its samples; 1 ms to 10 s. Above the kernel's tick rate
  /// the weight of a sample makes up for the signals that the kernel merged.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(5);
  /// Samples only this thread (a kernel thread id); 0 = all threads.
  pid_t only_thread = 0;
  /// Labels of every sample, beside the sampler's own "thread" and "state": {"service", "web"}.
  Labels labels;

  // ---- Cost.
  /// Give each frame the line that was running, or that called the next frame, in place of the one
  /// on which its function begins, so that the cost of single lines is known. Needs debug
  /// information; a window then has a stack for each way through lines, not functions.
  bool running_lines = false;
  /// How often rings are emptied and new threads are looked for. A thread shorter than this may go
  /// unsampled; its CPU time is shown as "[unsampled]".
  std::chrono::milliseconds drain_interval = std::chrono::milliseconds(100);
  /// Bytes of ring per thread, a power of two from 16 KiB: 64 KiB hold about 250 stacks of 30
  /// frames.
  size_t ring_bytes = size_t{64} << 10;
  /// Most distinct call-tree nodes kept, at most 160 bytes each with their counters; what comes
  /// after is counted in "[overflow]". Names take memory of their own, once they are asked for.
  size_t max_nodes = size_t{1} << 18;
  /// Most samples a timeline reader holds unacknowledged, 32 bytes each; what comes after keeps its
  /// weight but loses its moment.
  size_t max_timeline_samples = size_t{1} << 20;
};

/// Durations of the signal handler are counted by powers of two: [b] from 2^b ns, up to twice that;
/// the last one what is longer, too.
inline constexpr size_t kHandlerTimeBuckets = 24;

/// Counters since Start(), as of the last drain. Invariant: delivered_weight == recorded_weight +
/// the sum of the dropped_* weights.
struct SamplerStats {
  uint64_t delivered_signals = 0;
  uint64_t delivered_weight = 0;
  uint64_t recorded_weight = 0;
  uint64_t dropped_ring_full_weight = 0;
  uint64_t truncated_stacks = 0;   // depth cap: middle frames left out, both ends kept
  uint64_t incomplete_stacks = 0;  // the walk ended before the root
  uint64_t guessed_frames = 0;     // code without unwind rows: heuristic
  uint64_t overflow_weight = 0;    // recorded, but under "[overflow]": node cap
  uint64_t lost_moments = 0;       // recorded, but without their moment: cap of a reader
  uint64_t foreign_signals = 0;    // SIGPROF that was not ours
  uint64_t threads_seen = 0;
  uint64_t threads_now = 0;
  uint64_t timer_failures = 0;          // threads that could not be given a timer
  uint64_t skipped_perf_map_lines = 0;  // of /tmp/perf-PID.map, as it was read last: no names
  // ---- Wall-clock mode.
  uint64_t waiting_weight = 0;   // counted as "waiting", beside recorded_weight
  uint64_t waiting_looks = 0;    // walks of a blocked thread's stack
  uint64_t moved_looks = 0;      // thrown away: the thread ran meanwhile
  uint64_t unseen_weight = 0;    // waiting, but under "[waiting]": no look found where
  uint64_t runnable_weight = 0;  // waiting for a CPU, under "[runnable]"
  uint64_t sampled_cpu_ns = 0;   // CPU time that the delivered weight stands for
  // ---- Memory, in bytes.
  uint64_t memory_rings = 0;      // pages of rings that were written, and the threads' slots
  uint64_t memory_tables = 0;     // unwind tables
  uint64_t memory_call_tree = 0;  // stacks and their counters
  uint64_t memory_windows = 0;    // what readers have not acknowledged
  std::array<uint64_t, kHandlerTimeBuckets> handler_times{};
};

/// The numbers of SamplerStats by name, for whoever shows them.
struct SamplerCounter {
  const char* name;
  uint64_t SamplerStats::*value;
};
inline constexpr SamplerCounter kSamplerCounters[] = {
    {"delivered_signals", &SamplerStats::delivered_signals},
    {"delivered_weight", &SamplerStats::delivered_weight},
    {"recorded_weight", &SamplerStats::recorded_weight},
    {"dropped_ring_full_weight", &SamplerStats::dropped_ring_full_weight},
    {"truncated_stacks", &SamplerStats::truncated_stacks},
    {"incomplete_stacks", &SamplerStats::incomplete_stacks},
    {"guessed_frames", &SamplerStats::guessed_frames},
    {"overflow_weight", &SamplerStats::overflow_weight},
    {"lost_moments", &SamplerStats::lost_moments},
    {"foreign_signals", &SamplerStats::foreign_signals},
    {"threads_seen", &SamplerStats::threads_seen},
    {"threads_now", &SamplerStats::threads_now},
    {"timer_failures", &SamplerStats::timer_failures},
    {"skipped_perf_map_lines", &SamplerStats::skipped_perf_map_lines},
    {"waiting_weight", &SamplerStats::waiting_weight},
    {"waiting_looks", &SamplerStats::waiting_looks},
    {"moved_looks", &SamplerStats::moved_looks},
    {"unseen_weight", &SamplerStats::unseen_weight},
    {"runnable_weight", &SamplerStats::runnable_weight},
    {"sampled_cpu_ns", &SamplerStats::sampled_cpu_ns},
    {"memory_rings", &SamplerStats::memory_rings},
    {"memory_tables", &SamplerStats::memory_tables},
    {"memory_call_tree", &SamplerStats::memory_call_tree},
    {"memory_windows", &SamplerStats::memory_windows},
};

using ReaderId = uint64_t;

/// Most sample times that a reader of KeepTimes() holds: 16 bytes each, 4 MiB together.
inline constexpr size_t kMaxSampleTimes = size_t{1} << 18;

struct ReaderOptions {
  /// Keep the moment of each sample (Profile::timeline()).
  bool timeline = false;
  /// Start with what was sampled since Start() (true) or from now on (false). With only_thread:
  /// from now on.
  bool from_start = false;
  /// Only samples of this thread (a kernel thread id); 0 = all.
  pid_t only_thread = 0;
};

/// What one read covers. profile.start_ns/end_ns/period_ns are set; labels: {"thread", name},
/// SamplerOptions::labels and, in wall-clock mode, {"state", "running" or "waiting"}.
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
  /// From now on keeps when the reader's samples were, to within `bucket`, from 1 ms to 1 s: its
  /// windows' timelines then have a sample or more for each bucket, stack and thread. A bucket of 0
  /// keeps no times, as at first, and costs nothing. What was kept in other buckets loses its times
  /// and keeps its weight, and so does what is more than kMaxSampleTimes unacknowledged. False, and
  /// no effect, for a reader that is not open or that keeps each moment, and for another bucket.
  bool KeepTimes(ReaderId reader, std::chrono::nanoseconds bucket);
  /// Everything since the reader's last acknowledged window, up to now. kNotFound for a reader that
  /// is not open.
  Result<Window> Read(ReaderId reader);
  /// The window will not be offered again. False (and no effect) unless `window_id` is the last one
  /// read.
  bool Acknowledge(ReaderId reader, uint64_t window_id);
  /// Read and Acknowledge in one atomic step.
  Result<Window> Take(ReaderId reader);

  [[nodiscard]] SamplerStats Stats() const;
  /// How many threads of which name block SIGPROF now, and so are not sampled. The profiler's own
  /// are none of them. Reads a file of /proc for each thread.
  [[nodiscard]] std::map<std::string, uint64_t> ThreadsThatBlockSigprof() const;
  [[nodiscard]] const SamplerOptions& options() const;
  /// Tells runs of a process apart: 16 hex digits, new with each Start().
  [[nodiscard]] const std::string& instance() const;

 private:
  class Impl;
  explicit Sampler(std::unique_ptr<Impl> impl);
  static Result<std::shared_ptr<Sampler>> StartIfMemoryLasts(const SamplerOptions& options);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_SAMPLER_H_
