// SPDX-License-Identifier: MIT
//
// Purpose: everything between the handlers' rings and the readers' windows: drains rings, follows
//   threads, counts stacks, and closes the account: each thread's CPU time beyond its delivered
//   samples is counted under "[unsampled]". The kernel delivers late, above all on a busy machine:
//   what was "[unsampled]" is taken back when its signal comes after all.
// Thread safety: outside locking, by the drain lock; handlers run beside it.
// Signal safety: not async-signal-safe.
#ifndef STACKSAMPLER_SAMPLER_ENGINE_H_
#define STACKSAMPLER_SAMPLER_ENGINE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sampler/call_tree.h"
#include "sampler/code_map.h"
#include "sampler/counter_table.h"
#include "sampler/readers.h"
#include "sampler/thread_registry.h"
#include "sampler/tick_clock.h"
#include "sampler/window_snapshot.h"
#include "stacksampler/sampler.h"
#include "stacksampler/status.h"

namespace stacksampler::sampling {

class Engine {
 public:
  explicit Engine(const SamplerOptions& options);

  /// Arms a timer for each thread there is; fails when the kernel grants none at all.
  Status ArmThreads();
  /// Empties all rings into the readers, and follows threads and modules that came and went.
  void Drain();
  /// No signal is sent after this, unless the kernel refuses.
  Status DeleteTimers() { return registry_.DeleteTimers(); }
  /// Gives all slots back. What was counted stays readable; Drain() does nothing any more.
  void Close();
  /// Close() in the child of a fork, where neither timers nor other threads exist.
  void CloseInForkedChild();
  /// The sampler's own thread blocks SIGPROF.
  void ExemptOwnThread(pid_t tid) { registry_.ExemptOwnThread(tid); }

  ReaderId OpenReader(const ReaderOptions& options);
  void CloseReader(ReaderId reader) { readers_.Close(reader); }
  Result<WindowSnapshot> Offer(ReaderId reader);
  bool Acknowledge(ReaderId reader, uint64_t window_id) {
    return readers_.Acknowledge(reader, window_id);
  }
  [[nodiscard]] SamplerStats Stats() const;

 private:
  struct PendingMoment {
    Moment moment;
    pid_t tid = 0;
  };

  void DrainThread(SampledThread* thread);
  static void FollowThread(SampledThread* thread);
  void CountSample(const SampledThread& thread, NameId name);
  CounterId CounterOf(NameId name, uint32_t weight);
  NodeId StackOf(const RawSample& sample);
  void CountMarker(pid_t tid, NameId name, NodeId marker, int64_t weight);
  void SetUnsampled(pid_t tid, NameId name, int64_t missing_ns, Unsampled* unsampled);
  void CloseThreadAccount(SampledThread* thread, NameId name);
  void CloseProcessAccount(int64_t process_cpu_ns);
  void EndThread(pid_t tid);
  void FlushMoments();

  SamplerOptions options_;
  bool open_ = false;
  TickClock clock_;
  CodeMap code_;
  CallTree tree_;
  NodeId dropped_;
  NodeId unsampled_;
  NodeId overflow_;
  CounterTable counters_;
  Readers readers_;
  ThreadRegistry registry_;
  SamplerStats stats_;
  uint64_t foreign_before_;
  int64_t process_base_ns_ = 0;
  int64_t ended_weight_ = 0;   // accounted to threads that have ended
  Unsampled ended_unsampled_;  // CPU time of threads after (or without) their last drain
  RawSample sample_;           // 2 KiB: not on a stack
  std::vector<PendingMoment> pending_;
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_ENGINE_H_
