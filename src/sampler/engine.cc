// SPDX-License-Identifier: MIT
#include "sampler/engine.h"

#include <algorithm>

#include "sampler/handler/signal_handler.h"
#include "sampler/proc_task.h"

namespace stacksampler::sampling {
namespace {

constexpr char kEndedThreads[] = "[ended threads]";

// Threads name themselves soon after they start, and seldom later.
bool NameIsDue(uint64_t active_drains) {
  constexpr uint64_t kRecheck = 16;
  return (active_drains & (active_drains - 1)) == 0 || active_drains % kRecheck == 0;
}

}  // namespace

Engine::Engine(const SamplerOptions& options)
    : options_(options),
      tree_(options.max_nodes),
      dropped_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kDropped))),
      unsampled_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kUnsampled))),
      overflow_(tree_.Child(CallTree::kRoot, CodeAddress::Of(Marker::kOverflow))),
      counters_(options.max_nodes),
      readers_(options.max_timeline_samples, clock_.now_ns()),
      registry_(options),
      foreign_before_(ForeignSignals()) {}

Status Engine::ArmThreads() {
  const Result<std::vector<pid_t>> scan = registry_.Scan();
  if (!scan.ok()) return scan.status();
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
  const int64_t process_cpu_ns = ProcessCpuNs();
  // A scan that fails (no descriptor left) leaves the known threads as they are.
  const Result<std::vector<pid_t>> ended = registry_.Scan();
  for (auto& [tid, thread] : registry_.threads()) DrainThread(&thread);
  if (ended.ok()) {
    for (const pid_t tid : *ended) EndThread(tid);
  }
  CloseProcessAccount(process_cpu_ns);
  FlushMoments();
  registry_.LookUpStacks();
  code_.Refresh();
}

void Engine::DrainThread(SampledThread* thread) {
  // Before the counters: CPU time that a later signal covers must not look uncovered.
  FollowThread(thread);
  SlotCounters now;
  const bool readable = thread->slot != nullptr && thread->slot->TryReadCounters(&now);
  const NameId name = counters_.InternName(thread->name);
  if (readable) {
    while (thread->slot->ring.Read(now.ring_head, &sample_)) CountSample(*thread, name);
    const uint64_t dropped = now.dropped_weight - thread->counted.dropped_weight;
    CountMarker(thread->tid, name, dropped_, static_cast<int64_t>(dropped));
    stats_.dropped_ring_full_weight += dropped;
    stats_.delivered_signals += now.delivered_signals - thread->counted.delivered_signals;
    stats_.delivered_weight += now.delivered_weight - thread->counted.delivered_weight;
    thread->counted = now;
  }
  CloseThreadAccount(thread, name);
}

void Engine::FollowThread(SampledThread* thread) {
  if (thread->timer.ThreadIsGone()) return;
  const int64_t cpu_ns = ThreadCpuNs(thread->tid).value_or(thread->cpu_ns);
  if (cpu_ns == thread->cpu_ns) return;
  thread->cpu_ns = cpu_ns;
  if (!NameIsDue(++thread->active_drains)) return;
  std::string name = ThreadName(thread->tid);
  if (!name.empty()) thread->name = std::move(name);
}

void Engine::CountSample(const SampledThread& thread, NameId name) {
  const SampleHeader& header = sample_.header;
  stats_.recorded_weight += header.weight;
  stats_.truncated_stacks += header.truncated ? 1 : 0;
  stats_.incomplete_stacks += header.complete ? 0 : 1;
  stats_.guessed_frames += header.guessed;
  const CounterId counter = CounterOf(name, header.weight);
  pending_.push_back({{clock_.ToUnixNs(sample_.ticks), counter, header.weight}, thread.tid});
}

CounterId Engine::CounterOf(NameId name, uint32_t weight) {
  const NodeId stack = StackOf(sample_);
  if (stack != CallTree::kNone) {
    if (const auto counter = counters_.Find(name, stack)) return *counter;
  }
  stats_.overflow_weight += weight;
  return counters_.FindMarker(name, overflow_);
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

void Engine::CountMarker(pid_t tid, NameId name, NodeId marker, int64_t weight) {
  if (weight != 0) readers_.Add(tid, counters_.FindMarker(name, marker), weight);
}

void Engine::SetUnsampled(pid_t tid, NameId name, int64_t missing_ns, Unsampled* unsampled) {
  const int64_t weight = std::max<int64_t>(missing_ns / options_.interval.count(), 0);
  if (name == unsampled->name && weight == unsampled->weight) return;
  CountMarker(tid, unsampled->name, unsampled_, -unsampled->weight);
  CountMarker(tid, name, unsampled_, weight);
  *unsampled = {name, weight};
}

void Engine::CloseThreadAccount(SampledThread* thread, NameId name) {
  const int64_t covered_ns =
      static_cast<int64_t>(thread->counted.delivered_weight) * options_.interval.count();
  SetUnsampled(thread->tid, name, thread->cpu_ns - thread->cpu_base_ns - covered_ns,
               &thread->unsampled);
}

void Engine::CloseProcessAccount(int64_t process_cpu_ns) {
  if (options_.only_thread != 0) return;
  int64_t missing_ns =
      process_cpu_ns - process_base_ns_ - ended_weight_ * options_.interval.count();
  for (const auto& [tid, thread] : registry_.threads()) {
    missing_ns -= thread.cpu_ns - thread.cpu_base_ns;
  }
  SetUnsampled(0, counters_.InternName(kEndedThreads), missing_ns, &ended_unsampled_);
}

void Engine::EndThread(pid_t tid) {
  const SampledThread& thread = registry_.threads().at(tid);
  ended_weight_ += static_cast<int64_t>(thread.counted.delivered_weight) + thread.unsampled.weight;
  registry_.Remove(tid);
}

void Engine::FlushMoments() {
  std::stable_sort(pending_.begin(), pending_.end(), [](const auto& a, const auto& b) {
    return a.moment.unix_ns < b.moment.unix_ns;
  });
  for (const PendingMoment& pending : pending_) {
    stats_.lost_moments += readers_.AddMoment(pending.tid, pending.moment);
  }
  pending_.clear();
}

void Engine::Close() {
  open_ = false;
  registry_.Clear();
}

void Engine::CloseInForkedChild() {
  registry_.ForgetTimers();
  Close();
}

ReaderId Engine::OpenReader(const ReaderOptions& options) {
  Drain();
  return readers_.Open(options, clock_.now_ns());
}

Result<WindowSnapshot> Engine::Offer(ReaderId reader) {
  if (!readers_.IsOpen(reader)) {
    return Status(StatusCode::kNotFound, "reader " + std::to_string(reader) + " is not open");
  }
  Drain();
  return TakeSnapshot(readers_.Offer(reader, clock_.now_ns()), tree_, counters_, code_);
}

SamplerStats Engine::Stats() const {
  SamplerStats stats = stats_;
  stats.foreign_signals = ForeignSignals() - foreign_before_;
  stats.threads_seen = registry_.threads_seen();
  stats.threads_now = registry_.threads().size();
  stats.timer_failures = registry_.timer_failures();
  return stats;
}

}  // namespace stacksampler::sampling
