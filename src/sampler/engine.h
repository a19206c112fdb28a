// SPDX-License-Identifier: MIT
//
// Purpose: everything between the handlers' rings and the readers' windows: drains rings, follows
//   threads, counts stacks, and closes the account: each thread's CPU time beyond its delivered
//   samples is counted under "[unsampled]", that of the profiler's own under "[profiler]". The
//   kernel delivers late, above all on a busy machine: what was "[unsampled]" is taken back when
//   its signal comes after all. In wall-clock mode a thread's wall time beyond that is counted
//   where it waits.
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
#include "sampler/slot_pool.h"
#include "sampler/thread_registry.h"
#include "sampler/tick_clock.h"
#include "sampler/wait_watch.h"
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
  /// Wall-clock mode: counts what threads have waited that were not found waiting since.
  void SettleWaits();
  /// Waits until handlers that are still inside have written their samples: what they hold would
  /// else be lost to the last Drain(). Bounded: a handler that was left by a jump never ends.
  void AwaitHandlers();
  /// A thread's own word that it begins, and that it is about to end. True when it is time for a
  /// Drain(): what threads leave behind waits for it.
  void AdmitThread(pid_t tid) { registry_.Admit(tid); }
  bool NoteLeaving(pid_t tid);
  /// Gives all slots back. What was counted stays readable; Drain() does nothing any more.
  void Close();
  /// Close() in the child of a fork, where neither timers nor other threads exist.
  void CloseInForkedChild();
  /// The sampler's own thread blocks SIGPROF.
  void ExemptOwnThread(pid_t tid) { registry_.ExemptOwnThread(tid); }

  ReaderId OpenReader(const ReaderOptions& options);
  void CloseReader(ReaderId reader) { readers_.Close(reader); }
  bool KeepTimes(ReaderId reader, int64_t bucket_ns) {
    return readers_.KeepTimes(reader, bucket_ns);
  }
  Result<WindowSnapshot> Offer(ReaderId reader);
  bool Acknowledge(ReaderId reader, uint64_t window_id) {
    return readers_.Acknowledge(reader, window_id);
  }
  [[nodiscard]] SamplerStats Stats() const;
  /// Name of the first thread that used CPU time and was found to block SIGPROF; "" for none.
  [[nodiscard]] const std::string& deaf_thread() const { return deaf_thread_; }

 private:
  struct PendingMoment {
    Moment moment;
    pid_t tid = 0;
  };

  void DrainThread(SampledThread* thread);
  static void FollowThread(SampledThread* thread);
  void CountFlags(const SampleHeader& header);
  void CountSamples(SampledThread* thread, NameId name, uint64_t ring_head);
  void CountSample(const SampledThread& thread, NameId name);
  /// Of sample_'s stack; of "[overflow]" where that has no room.
  CounterId CounterOf(NameId name, NodeId stack, ThreadState state, uint64_t weight);
  [[nodiscard]] bool wall() const { return options_.mode == SamplerMode::kWall; }
  [[nodiscard]] ThreadState running() const {
    return wall() ? ThreadState::kRunning : ThreadState::kUntold;
  }
  int64_t WaitDue(const SampledThread& thread) const;
  void CountRunnable(SampledThread* thread, NameId name);
  void CountWaiting(SampledThread* thread, NameId name);
  NodeId PlaceOf(SampledThread* thread);
  void SettleWait(SampledThread* thread);
  NodeId StackOf(const RawSample& sample);
  void CountMarker(pid_t tid, const CounterTable::Counter& marker, int64_t weight);
  void SetUnsampled(pid_t tid, const Unsampled& now, Unsampled* unsampled);
  [[nodiscard]] int64_t WeightOf(int64_t missing_ns) const;
  void NoticeDeafThread(SampledThread* thread);
  void CloseThreadAccount(SampledThread* thread, NameId name);
  void CloseProcessAccount(int64_t process_cpu_ns);
  void EndThread(SampledThread* thread);
  void FlushMoments();
  void AddMemory(SamplerStats* stats) const;

  SamplerOptions options_;
  bool open_ = false;
  TickClock clock_;
  TickRate tick_rate_;
  CodeMap code_;
  WaitWatch watch_;
  CallTree tree_;
  NodeId dropped_;
  NodeId unsampled_;
  NodeId overflow_;
  NodeId waiting_;
  NodeId runnable_;
  NodeId profiler_;
  std::string deaf_thread_;
  CounterTable counters_;
  Readers readers_;
  ThreadRegistry registry_;
  SamplerStats stats_;
  uint64_t foreign_before_;
  HandlerTimes handler_times_before_;
  int64_t ended_cpu_ns_ = 0;
  int64_t process_base_ns_ = 0;
  int64_t ended_weight_ = 0;   // accounted to threads that have ended
  Unsampled ended_unsampled_;  // CPU time of threads after (or without) their last drain
  RawSample sample_;           // 2 KiB: not on a stack
  std::vector<PendingMoment> pending_;
  uint32_t leaving_ = 0;  // threads, since the last drain
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_ENGINE_H_
