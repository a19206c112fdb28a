// SPDX-License-Identifier: MIT
#include "sampler/thread_registry.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sampler/proc_task.h"
#include "sampler/slot_pool.h"
#include "sampler/wait_watch.h"

namespace stacksampler::sampling {
namespace {

// The kernel keeps at least 128 MiB below the main stack for its growth (mmap_base()), so that an
// address this near to its end lies in it.
constexpr uintptr_t kMainStackBytes = uintptr_t{8} << 20;

// glibc's thread control block ends a thread's stack, whether the thread pointer is where it begins
// or, on arm64, where it ends; the main thread's lies elsewhere.
bool StackBounds(const MemoryRange& range, bool main_thread, uintptr_t thread_pointer,
                 uintptr_t* low, uintptr_t* high) {
  if (main_thread) {
    *low = std::min(range.start, range.end - kMainStackBytes);
    *high = range.end;
    return range.is_main_stack;
  }
  *low = range.start;
  *high = thread_pointer;
  return range.start < thread_pointer && thread_pointer < range.end;
}

void PublishStack(const std::vector<MemoryRange>& memory, const SampledThread& thread) {
  const uintptr_t pointer = thread.slot->thread_pointer.load(std::memory_order_relaxed);
  for (const MemoryRange& range : memory) {
    uintptr_t low = 0;
    uintptr_t high = 0;
    if (!StackBounds(range, thread.tid == getpid(), pointer, &low, &high)) continue;
    thread.slot->stack_high.store(high, std::memory_order_relaxed);
    thread.slot->stack_low.store(low, std::memory_order_release);
    return;
  }
}

// The listing alone does not tell: it skips threads that live when another one exits meanwhile.
bool HasEnded(const SampledThread& thread, bool listed) {
  if (thread.timer.armed()) return thread.timer.ThreadIsGone();
  return !listed && !ThreadCpuNs(thread.tid).has_value();
}

}  // namespace

ThreadRegistry::ThreadRegistry(const SamplerOptions& options)
    : options_(options), random_(std::random_device{}()) {}

Status ThreadRegistry::Scan() {
  const bool first = first_scan_ns_ == 0;
  const int64_t begin_ns = MonotonicNs();
  Result<std::vector<pid_t>> listed = ListThreads();
  if (!listed.ok()) return listed.status();
  std::vector<pid_t>& tids = *listed;
  std::sort(tids.begin(), tids.end());
  for (auto it = threads_.begin(); it != threads_.end();) {
    const auto next = std::next(it);
    if (HasEnded(it->second, std::binary_search(tids.begin(), tids.end(), it->first))) End(it);
    it = next;
  }
  for (const pid_t tid : tids) Register(tid);
  if (first) first_scan_ns_ = begin_ns;
  return Status::Ok();
}

// Its number may be that of a thread whose end nobody has seen yet.
void ThreadRegistry::Admit(pid_t tid) {
  const auto known = threads_.find(tid);
  if (known != threads_.end() && HasEnded(known->second, /*listed=*/true)) End(known);
  Register(tid);
}

void ThreadRegistry::NoteLeaving(pid_t tid) {
  const auto known = threads_.find(tid);
  if (known == threads_.end() || HasEnded(known->second, /*listed=*/true)) return;
  SampledThread& thread = known->second;
  thread.name = ThreadName(tid);
  thread.cpu_ns = ThreadCpuNs(tid).value_or(thread.cpu_ns);
}

void ThreadRegistry::End(Threads::iterator thread) {
  // First the room, then the move: nothing is lost when memory is.
  ended_.reserve(ended_.size() + 1);
  ended_.push_back(threads_.extract(thread));
}

void ThreadRegistry::Register(pid_t tid) {
  if (options_.only_thread != 0 && options_.only_thread != tid) return;
  const auto [it, added] = threads_.try_emplace(tid);
  SampledThread& thread = it->second;
  if (added) {
    thread.tid = tid;
    thread.name = ThreadName(tid);
    const int64_t cpu_ns = ThreadCpuNs(tid).value_or(0);
    thread.cpu_base_ns = CpuBefore(cpu_ns);
    thread.cpu_ns = cpu_ns;
    if (options_.mode == SamplerMode::kWall) BeginWaitAccount(&thread);
    ++threads_seen_;
  }
  if (!thread.timer.armed() && tid != own_tid_) TryArm(&thread);
}

// A thread that is found later has lived at least as long as it has run.
void ThreadRegistry::BeginWaitAccount(SampledThread* thread) {
  thread->wait.wall_ns = MonotonicNs();
  thread->wait.wall_base_ns = thread->wait.wall_ns - (thread->cpu_ns - thread->cpu_base_ns);
  thread->wait.run_delay_base_ns = RunDelayNs(thread->tid).value_or(0);
}

// What a thread with `cpu_ns` must have used before the first scan, and so is not the sampler's to
// explain: a listing may miss a thread that lives while another one exits.
int64_t ThreadRegistry::CpuBefore(int64_t cpu_ns) const {
  if (first_scan_ns_ == 0) return cpu_ns;
  return std::max<int64_t>(0, cpu_ns - (MonotonicNs() - first_scan_ns_));
}

void ThreadRegistry::TryArm(SampledThread* thread) {
  Status status = Arm(thread);
  const bool gone = !ThreadCpuNs(thread->tid).has_value();
  if (status.ok() || gone || thread->timer_failed) return;
  thread->timer_failed = true;
  if (timer_failures_++ == 0) first_failure_ = std::move(status);
}

Status ThreadRegistry::Arm(SampledThread* thread) {
  if (thread->slot == nullptr) thread->slot = AcquireSlot(options_.ring_bytes);
  if (thread->slot == nullptr) {
    return {StatusCode::kResourceExhausted, "no memory for the ring of thread " +
                                                std::to_string(thread->tid) + ", or more than " +
                                                std::to_string(kMaxSlots) + " threads"};
  }
  // A random phase: threads that were started together would else be sampled together.
  std::uniform_int_distribution<int64_t> first(1, options_.interval.count());
  const Ticket ticket(thread->slot->index,
                      thread->slot->generation.load(std::memory_order_relaxed));
  return thread->timer.Arm(thread->tid, ticket, std::chrono::nanoseconds(first(random_)),
                           options_.interval);
}

void ThreadRegistry::ReleaseLastEnded() {
  Release(&ended_.back().mapped());
  ended_.pop_back();
}

void ThreadRegistry::Release(SampledThread* thread) {
  (void)thread->timer.Delete();
  if (thread->slot != nullptr) ReleaseSlot(thread->slot);
}

void ThreadRegistry::LookUpStacks() {
  std::vector<MemoryRange> memory;
  for (auto& [tid, thread] : threads_) {
    if (thread.slot == nullptr || thread.stack_looked_up) continue;
    if (thread.slot->thread_pointer.load(std::memory_order_relaxed) == 0) continue;
    if (memory.empty()) memory = ReadableMemory();
    PublishStack(memory, thread);
    thread.stack_looked_up = true;
  }
}

bool ThreadRegistry::AnyHandlerInside() const {
  return std::any_of(threads_.begin(), threads_.end(), [](const auto& entry) {
    ThreadSlot* slot = entry.second.slot;
    return slot != nullptr && (slot->SequenceNow() & 1) != 0 && !entry.second.timer.ThreadIsGone();
  });
}

Status ThreadRegistry::DeleteTimers() {
  Status first;
  for (auto& [tid, thread] : threads_) {
    Status status = thread.timer.Delete();
    if (first.ok()) first = std::move(status);
  }
  return first;
}

void ThreadRegistry::Clear() {
  while (!ended_.empty()) ReleaseLastEnded();
  for (auto& [tid, thread] : threads_) Release(&thread);
  threads_.clear();
}

void ThreadRegistry::ForgetTimers() {
  for (auto& [tid, thread] : threads_) thread.timer.Forget();
  for (Threads::node_type& ended : ended_) ended.mapped().timer.Forget();
}

}  // namespace stacksampler::sampling
