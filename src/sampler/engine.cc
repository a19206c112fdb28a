// SPDX-License-Identifier: MIT
#include "sampler/engine.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <new>
#include <thread>

#include "sampler/handler/signal_handler.h"
#include "sampler/proc_task.h"
#include "sampler/unwind/tables.h"

namespace stacksampler::sampling {
namespace {

constexpr char kEndedThreads[] = "[ended threads]";

constexpr uint32_t kLeavingPerDrain = 64;

// Threads name themselves soon after they start, and seldom later.
bool NameIsDue(uint64_t active_drains) {
  constexpr uint64_t kRecheck = 16;
  return (active_drains & (active_drains - 1)) == 0 || active_drains % kRecheck == 0;
}

bool IsOurs(const SampledThread& thread) { return IsProfilersThread(thread.name); }

}  // namespace

Engine::Engine(const SamplerOptions& options)
    : options_(options),
      tree_(options.max_nodes),
      dropped_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kDropped))),
      unsampled_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kUnsampled))),
      overflow_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kOverflow))),
      waiting_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kWaiting))),
      runnable_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kRunnable))),
      profiler_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kProfiler))),
      counters_(options.max_nodes),
      readers_(options.max_timeline_samples, clock_.now_ns()),
      registry_(options),
      foreign_before_(ForeignSignals()),
      handler_times_before_(SumHandlerTimes()) {}

Status Engine::ArmThreads() {
  if (wall()) {
    Status status = watch_.Check();
    if (!status.ok()) return status;
  }
  tick_rate_.Publish();
  Status scanned = registry_.Scan();
  if (!scanned.ok()) return scanned;
  const auto& threads = registry_.threads();
  const bool any_armed = std::any_of(threads.begin(), threads.end(),
                                     [](const auto& entry) { return entry.second.timer.armed(); });
  if (!any_armed && !registry_.first_failure().ok()) return registry_.first_failure();
  // Not listed, or gone since.
  if (!any_armed) {
    return {StatusCode::kNotFound,
            "thread " + std::to_string(options_.only_thread) + " is none of this process"};
  }
  process_base_ns_ = ProcessCpuNs();
  open_ = true;
  return Status::Ok();
}

// The process clock is read before the threads': what runs in between then counts for a thread and
// not for "[ended threads]".
void Engine::Drain() {
  if (!open_) return;
  clock_.Advance();
  tick_rate_.Publish();
  leaving_ = 0;
  const int64_t process_cpu_ns = ProcessCpuNs();
  // Looks at waiting threads walk through tabled modules only.
  if (wall()) code_.Refresh();
  // A scan that fails (no descriptor left) leaves the known threads as they are.
  (void)registry_.Scan();
  for (auto& [tid, thread] : registry_.threads()) DrainThread(&thread);
  for (auto& ended = registry_.ended(); !ended.empty(); registry_.ReleaseLastEnded()) {
    EndThread(&ended.back().mapped());
  }
  CloseProcessAccount(process_cpu_ns);
  FlushMoments();
  registry_.LookUpStacks();
  code_.Refresh();
}

bool Engine::NoteLeaving(pid_t tid) {
  registry_.NoteLeaving(tid);
  return ++leaving_ >= kLeavingPerDrain;
}

void Engine::AwaitHandlers() {
  constexpr std::chrono::milliseconds kPatience{200};
  constexpr std::chrono::microseconds kPause{50};
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (registry_.AnyHandlerInside() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kPause);
  }
}

void Engine::DrainThread(SampledThread* thread) {
  // Before the counters: CPU time that a later signal covers must not look uncovered.
  FollowThread(thread);
  SlotCounters now;
  const bool readable = thread->slot != nullptr && thread->slot->TryReadCounters(&now);
  const NameId name = counters_.InternName(thread->name);
  if (readable) {
    CountSamples(thread, name, now.ring_head);
    const uint64_t dropped = now.dropped_weight - thread->counted.dropped_weight;
    CountMarker(thread->tid, {name, dropped_, running()}, static_cast<int64_t>(dropped));
    stats_.dropped_ring_full_weight += dropped;
    stats_.delivered_signals += now.delivered_signals - thread->counted.delivered_signals;
    stats_.delivered_weight += now.delivered_weight - thread->counted.delivered_weight;
    thread->counted = now;
  }
  CloseThreadAccount(thread, name);
  if (!wall() || IsOurs(*thread) || thread->timer.ThreadIsGone()) return;
  CountRunnable(thread, name);
  CountWaiting(thread, name);
}

void Engine::FollowThread(SampledThread* thread) {
  if (thread->timer.ThreadIsGone()) return;
  // Before the CPU time: of two moments the earlier one is the wall's, and no thread seems to have
  // waited while it ran.
  thread->wait.wall_ns = MonotonicNs();
  const int64_t cpu_ns = ThreadCpuNs(thread->tid).value_or(thread->cpu_ns);
  if (cpu_ns == thread->cpu_ns) return;
  thread->cpu_ns = cpu_ns;
  if (!NameIsDue(++thread->active_drains)) return;
  std::string name = ThreadName(thread->tid);
  if (!name.empty()) thread->name = std::move(name);
}

// A sample that was read from the ring and for which there is no memory counts as dropped, now or
// by the next drain.
void Engine::CountSamples(SampledThread* thread, NameId name, uint64_t ring_head) {
  while (thread->slot->ring.Read(ring_head, &sample_)) {
    try {
      CountSample(*thread, name);
    } catch (const std::bad_alloc&) {
      thread->counted.dropped_weight -= sample_.header.weight;
    }
  }
}

void Engine::CountSample(const SampledThread& thread, NameId name) {
  const SampleHeader& header = sample_.header;
  const CounterId counter = CounterOf(name, StackOf(sample_), running(), header.weight);
  pending_.push_back({{clock_.ToUnixNs(sample_.ticks), counter, header.weight}, thread.tid});
  stats_.recorded_weight += header.weight;
  CountFlags(header);
}

void Engine::CountFlags(const SampleHeader& header) {
  stats_.truncated_stacks += header.truncated ? 1 : 0;
  stats_.incomplete_stacks += header.complete ? 0 : 1;
  stats_.guessed_frames += header.guessed;
}

CounterId Engine::CounterOf(NameId name, NodeId stack, ThreadState state, uint64_t weight) {
  if (stack != CallTree::kNone) {
    if (const auto counter = counters_.Find({name, stack, state})) return *counter;
  }
  const CounterId counter = counters_.FindMarker({name, overflow_, state});
  stats_.overflow_weight += weight;
  return counter;
}

NodeId Engine::StackOf(const RawSample& sample) {
  NodeId node = CallTree::kRoot;
  if (!sample.header.complete) node = tree_.Child(node, CodeAddress::Of(Marker::kIncomplete));
  for (uint32_t i = sample.header.depth; i-- > 0 && node != CallTree::kNone;) {
    node = tree_.Child(node, code_.Resolve(sample.pcs[i]));
    const bool gap_follows = sample.header.truncated && i == unwind::kLeafFrames;
    if (gap_follows && node != CallTree::kNone) {
      node = tree_.Child(node, CodeAddress::Of(Marker::kTruncated));
    }
  }
  return node;
}

void Engine::CountMarker(pid_t tid, const CounterTable::Counter& marker, int64_t weight) {
  if (weight != 0) readers_.Add(tid, counters_.FindMarker(marker), weight);
}

void Engine::SetUnsampled(pid_t tid, const Unsampled& now, Unsampled* unsampled) {
  if (now.name == unsampled->name && now.marker == unsampled->marker &&
      now.weight == unsampled->weight) {
    return;
  }
  CountMarker(tid, {unsampled->name, unsampled->marker, running()}, -unsampled->weight);
  unsampled->weight = 0;  // should memory end here, it is not taken back twice
  CountMarker(tid, {now.name, now.marker, running()}, now.weight);
  *unsampled = now;
}

int64_t Engine::WeightOf(int64_t missing_ns) const {
  return std::max<int64_t>(missing_ns / options_.interval.count(), 0);
}

// A mask is looked at seldom: each time that the account has doubled. While its handler runs a
// thread blocks the signal as well, so that one look is not enough.
void Engine::NoticeDeafThread(SampledThread* thread) {
  constexpr int64_t kFirstLook = 20;
  const int64_t weight = thread->unsampled.weight;
  if (!deaf_thread_.empty() || weight < std::max(thread->next_mask_look, kFirstLook)) return;
  if (IsOurs(*thread)) return;
  const bool is_in_handler = thread->slot != nullptr && thread->slot->HandlerIsInside();
  const bool seems_deaf = !is_in_handler && Blocks(thread->tid, SIGPROF);
  if (seems_deaf && thread->seemed_deaf) deaf_thread_ = thread->name;
  if (!seems_deaf) thread->next_mask_look = 2 * weight;
  thread->seemed_deaf = seems_deaf;
}

void Engine::CloseThreadAccount(SampledThread* thread, NameId name) {
  const int64_t covered_ns =
      static_cast<int64_t>(thread->counted.delivered_weight) * options_.interval.count();
  const int64_t missing_ns = thread->cpu_ns - thread->cpu_base_ns - covered_ns;
  const NodeId marker = IsOurs(*thread) ? profiler_ : unsampled_;
  SetUnsampled(thread->tid, {name, marker, WeightOf(missing_ns)}, &thread->unsampled);
  NoticeDeafThread(thread);
}

void Engine::CloseProcessAccount(int64_t process_cpu_ns) {
  if (options_.only_thread != 0) return;
  int64_t missing_ns =
      process_cpu_ns - process_base_ns_ - ended_weight_ * options_.interval.count();
  for (const auto& [tid, thread] : registry_.threads()) {
    missing_ns -= thread.cpu_ns - thread.cpu_base_ns;
  }
  SetUnsampled(0, {counters_.InternName(kEndedThreads), unsampled_, WeightOf(missing_ns)},
               &ended_unsampled_);
}

// Wall time that neither running nor waiting stands for yet.
int64_t Engine::WaitDue(const SampledThread& thread) const {
  const WaitAccount& wait = thread.wait;
  const int64_t covered = static_cast<int64_t>(thread.counted.delivered_weight) +
                          thread.unsampled.weight + wait.waiting_weight + wait.runnable_weight;
  return (wait.wall_ns - wait.wall_base_ns) / options_.interval.count() - covered;
}

// The kernel adds to a thread's run delay when it gets its CPU: only a thread that ran has more.
void Engine::CountRunnable(SampledThread* thread, NameId name) {
  WaitAccount& wait = thread->wait;
  if (thread->cpu_ns == wait.place_cpu_ns) return;
  const int64_t delay_ns =
      RunDelayNs(thread->tid).value_or(wait.run_delay_base_ns) - wait.run_delay_base_ns;
  const int64_t weight =
      std::min(delay_ns / options_.interval.count() - wait.runnable_weight, WaitDue(*thread));
  if (weight <= 0) return;
  CountMarker(thread->tid, {name, runnable_, ThreadState::kWaiting}, weight);
  wait.runnable_weight += weight;
  stats_.runnable_weight += static_cast<uint64_t>(weight);
  stats_.waiting_weight += static_cast<uint64_t>(weight);
}

void Engine::CountWaiting(SampledThread* thread, NameId name) {
  const int64_t due = std::min<int64_t>(WaitDue(*thread), UINT32_MAX);
  if (due <= 0) return;
  const NodeId place = PlaceOf(thread);
  if (place == CallTree::kRoot) return;
  const auto weight = static_cast<uint32_t>(due);
  const CounterId counter = CounterOf(name, place, ThreadState::kWaiting, weight);
  pending_.push_back({{clock_.now_ns(), counter, weight}, thread->tid});
  thread->wait.waiting_weight += due;
  stats_.waiting_weight += weight;
}

// The root when the thread was not found waiting; kNone when there is no room for its stack.
NodeId Engine::PlaceOf(SampledThread* thread) {
  WaitAccount& wait = thread->wait;
  // A thread that has used no CPU time since has not moved.
  if (thread->cpu_ns == wait.place_cpu_ns) return wait.place;
  const WaitWatch::Sight sight = watch_.Look(thread->tid, thread->cpu_ns, &sample_);
  if (sight == WaitWatch::Sight::kRunning) return CallTree::kRoot;
  ++stats_.waiting_looks;
  if (sight == WaitWatch::Sight::kMoved) {
    ++stats_.moved_looks;
    return CallTree::kRoot;
  }
  CountFlags(sample_.header);
  wait.place = StackOf(sample_);
  // Half a stack may be a whole one as soon as a new module is tabled.
  wait.place_cpu_ns = sample_.header.complete ? thread->cpu_ns : -1;
  return wait.place;
}

void Engine::SettleWait(SampledThread* thread) {
  const int64_t due = WaitDue(*thread);
  if (due <= 0 || IsOurs(*thread)) return;
  const NameId name = counters_.InternName(thread->name);
  CountMarker(thread->tid, {name, waiting_, ThreadState::kWaiting}, due);
  thread->wait.waiting_weight += due;
  stats_.waiting_weight += static_cast<uint64_t>(due);
  stats_.unseen_weight += static_cast<uint64_t>(due);
}

void Engine::SettleWaits() {
  if (!open_ || !wall()) return;
  for (auto& [tid, thread] : registry_.threads()) SettleWait(&thread);
}

void Engine::EndThread(SampledThread* thread) {
  DrainThread(thread);
  if (wall()) SettleWait(thread);
  ended_cpu_ns_ += thread->cpu_ns - thread->cpu_base_ns;
  ended_weight_ +=
      static_cast<int64_t>(thread->counted.delivered_weight) + thread->unsampled.weight;
}

void Engine::FlushMoments() {
  std::stable_sort(pending_.begin(), pending_.end(), [](const auto& a, const auto& b) {
    return a.moment.unix_ns < b.moment.unix_ns;
  });
  for (PendingMoment& pending : pending_) {
    if (pending.moment.weight == 0) continue;
    stats_.lost_moments += readers_.AddMoment(pending.tid, pending.moment);
    pending.moment.weight = 0;  // should memory end at one after it, it is not added twice
  }
  pending_.clear();
}

void Engine::Close() {
  open_ = false;
  for (const auto& [tid, thread] : registry_.threads()) {
    ended_cpu_ns_ += thread.cpu_ns - thread.cpu_base_ns;
  }
  registry_.Clear();
}

void Engine::CloseInForkedChild() {
  registry_.ForgetTimers();
  Close();
}

ReaderId Engine::OpenReader(const ReaderOptions& options) {
  Drain();
  SettleWaits();
  return readers_.Open(options, clock_.now_ns());
}

Result<WindowSnapshot> Engine::Offer(ReaderId reader) {
  if (!readers_.IsOpen(reader)) {
    return Status(StatusCode::kNotFound, "reader " + std::to_string(reader) + " is not open");
  }
  Drain();
  SettleWaits();
  return TakeSnapshot(readers_.Offer(reader, clock_.now_ns()), tree_, counters_, code_);
}

SamplerStats Engine::Stats() const {
  SamplerStats stats = stats_;
  stats.foreign_signals = ForeignSignals() - foreign_before_;
  stats.threads_seen = registry_.threads_seen();
  stats.threads_now = registry_.threads().size();
  stats.timer_failures = registry_.timer_failures();
  int64_t cpu_ns = ended_cpu_ns_;
  for (const auto& [tid, thread] : registry_.threads())
    cpu_ns += thread.cpu_ns - thread.cpu_base_ns;
  stats.sampled_cpu_ns = static_cast<uint64_t>(cpu_ns);
  stats.handler_times = SumHandlerTimes();
  for (size_t b = 0; b < stats.handler_times.size(); ++b) {
    stats.handler_times[b] -= handler_times_before_[b];
  }
  AddMemory(&stats);
  return stats;
}

void Engine::AddMemory(SamplerStats* stats) const {
  stats->memory_rings = SlotBytes();
  for (const auto& [tid, thread] : registry_.threads()) {
    if (thread.slot != nullptr) stats->memory_rings += thread.slot->ring.TouchedBytes();
  }
  stats->memory_tables = unwind::CurrentTableStats().bytes;
  stats->memory_call_tree = tree_.bytes() + counters_.bytes();
  stats->memory_windows = readers_.bytes() + pending_.capacity() * sizeof(PendingMoment);
}

}  // namespace stacksampler::sampling
