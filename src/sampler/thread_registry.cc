// SPDX-License-Identifier: MIT
#include "sampler/thread_registry.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sampler/proc_task.h"
#include "sampler/slot_pool.h"

namespace stacksampler::sampling {
namespace {

// The kernel keeps at least 128 MiB below the main stack for its growth (mmap_base()), so that an
// address this near to its end lies in it.
constexpr uintptr_t kMainStackBytes = uintptr_t{8} << 20;

// glibc's thread control block ends a thread's stack; the main thread's lies elsewhere.
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

Result<std::vector<pid_t>> ThreadRegistry::Scan() {
  Result<std::vector<pid_t>> listed = ListThreads();
  if (!listed.ok()) return listed.status();
  std::vector<pid_t>& tids = *listed;
  std::sort(tids.begin(), tids.end());
  std::vector<pid_t> ended;
  for (const auto& [tid, thread] : threads_) {
    if (HasEnded(thread, std::binary_search(tids.begin(), tids.end(), tid))) ended.push_back(tid);
  }
  for (const pid_t tid : tids) {
    if (options_.only_thread == 0 || options_.only_thread == tid) Register(tid);
  }
  scanned_before_ = true;
  return ended;
}

// A tid that was reused since the last scan is still listed as its former owner here: the next scan
// registers the new one.
void ThreadRegistry::Register(pid_t tid) {
  const auto [it, added] = threads_.try_emplace(tid);
  SampledThread& thread = it->second;
  if (added) {
    thread.tid = tid;
    thread.name = ThreadName(tid);
    const int64_t cpu_ns = ThreadCpuNs(tid).value_or(0);
    // All of a later thread's CPU time is the sampler's to explain.
    thread.cpu_base_ns = scanned_before_ ? 0 : cpu_ns;
    thread.cpu_ns = cpu_ns;
    ++threads_seen_;
  }
  if (!thread.timer.armed() && tid != own_tid_) TryArm(&thread);
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

void ThreadRegistry::Remove(pid_t tid) {
  const auto it = threads_.find(tid);
  (void)it->second.timer.Delete();
  if (it->second.slot != nullptr) ReleaseSlot(it->second.slot);
  threads_.erase(it);
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

Status ThreadRegistry::DeleteTimers() {
  Status first;
  for (auto& [tid, thread] : threads_) {
    Status status = thread.timer.Delete();
    if (first.ok()) first = std::move(status);
  }
  return first;
}

void ThreadRegistry::Clear() {
  while (!threads_.empty()) Remove(threads_.begin()->first);
}

void ThreadRegistry::ForgetTimers() {
  for (auto& [tid, thread] : threads_) thread.timer.Forget();
}

}  // namespace stacksampler::sampling
