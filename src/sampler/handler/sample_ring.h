// SPDX-License-Identifier: MIT
//
// Purpose: carries samples from the signal handler of one thread to the drain, without a lock.
// Thread safety: one writer (the handler on its thread), one reader (whoever holds the drain lock).
// Signal safety: TryWrite is async-signal-safe; Map and Unmap are not.
// Units: positions count 64-bit words since the ring was mapped; they only grow.
//
// Invariants: 1. Only the writer stores head_, only the reader stores tail_; tail_ <= head_ <=
//   tail_ +
//      capacity.
// 2. Words in [tail_, head_) belong to the reader, all others to the writer. 3. The writer stores a
//   record's words, then head_ with release; the reader loads head_ with
//      acquire before it reads them.
// 4. The reader reads a record's words, then stores tail_ with release; the writer loads tail_
//      with acquire before it reuses them.
#ifndef STACKSAMPLER_SAMPLER_HANDLER_SAMPLE_RING_H_
#define STACKSAMPLER_SAMPLER_HANDLER_SAMPLE_RING_H_

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sampler/unwind/cache_lines.h"
#include "sampler/unwind/walker.h"

namespace stacksampler::sampling {

/// What the handler knows of a sample besides its addresses. One word in the ring.
struct SampleHeader {
  uint32_t weight = 0;  // 1 + overruns
  uint16_t depth = 0;   // addresses that follow
  uint8_t guessed = 0;  // saturates
  bool truncated = false;
  bool complete = false;

  [[nodiscard]] uint64_t Pack() const {
    return uint64_t{weight} | uint64_t{depth} << 32 | uint64_t{guessed} << 48 |
           uint64_t{truncated} << 56 | uint64_t{complete} << 57;
  }
  static SampleHeader Unpack(uint64_t word) {
    SampleHeader header;
    header.weight = static_cast<uint32_t>(word);
    header.depth = static_cast<uint16_t>(word >> 32);
    header.guessed = static_cast<uint8_t>(word >> 48);
    header.truncated = (word >> 56 & 1) != 0;
    header.complete = (word >> 57 & 1) != 0;
    return header;
  }
};

/// A sample as the reader gets it.
struct RawSample {
  SampleHeader header;
  uint64_t ticks = 0;                 // time stamp counter
  uintptr_t pcs[unwind::kMaxFrames];  // leaf first, header.depth of them
};

class SampleRing {
 public:
  /// False when the kernel has no memory. REQUIRES: `bytes` is a power of two; no handler uses the
  /// ring.
  bool Map(size_t bytes) {
    Unmap();
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    SetWords(static_cast<uint64_t*>(memory), bytes / sizeof(uint64_t));
    head_.store(0, std::memory_order_relaxed);
    tail_.store(0, std::memory_order_relaxed);
    tail_seen_ = 0;
    return true;
  }
  /// REQUIRES: no handler uses the ring.
  void Unmap() {
    if (words_ != nullptr) munmap(words_, capacity_ * sizeof(uint64_t));
    SetWords(nullptr, 0);
  }

  /// False when there is no room; then nothing was written. Async-signal-safe.
  bool TryWrite(const SampleHeader& header, uint64_t ticks, const uintptr_t* pcs) {
    const uint64_t head = head_.load(std::memory_order_relaxed);
    const uint64_t end = head + kHeaderWords + header.depth;
    if (end - tail_seen_ > capacity_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (end - tail_seen_ > capacity_) return false;
    }
    At(head) = header.Pack();
    At(head + 1) = ticks;
    for (uint32_t i = 0; i < header.depth; ++i) At(head + kHeaderWords + i) = pcs[i];
    head_.store(end, std::memory_order_release);
    return true;
  }

  /// Asks for what a record of a shallow stack is written to. Async-signal-safe, and may be called
  /// while another thread maps the ring: what is asked for is not touched.
  [[gnu::always_inline]] void Prefetch() const {
    const uint64_t capacity = __atomic_load_n(&capacity_, __ATOMIC_RELAXED);
    const uint64_t* words = __atomic_load_n(&words_, __ATOMIC_RELAXED);
    unwind::AskForLines<3>(words + (head_.load(std::memory_order_relaxed) & (capacity - 1)));
  }

  /// End of what was written so far.
  [[nodiscard]] uint64_t head() const { return head_.load(std::memory_order_acquire); }

  /// Of the mapping: what the kernel had to give pages for.
  [[nodiscard]] size_t TouchedBytes() const {
    const uint64_t words = head();
    return (words < capacity_ ? words : capacity_) * sizeof(uint64_t);
  }

  /// Takes the oldest record that lies before `end`, a value of head(). False when there is none.
  bool Read(uint64_t end, RawSample* sample) {
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == end) return false;
    sample->header = SampleHeader::Unpack(At(tail));
    sample->ticks = At(tail + 1);
    const uint32_t depth = sample->header.depth;
    for (uint32_t i = 0; i < depth; ++i) sample->pcs[i] = At(tail + kHeaderWords + i);
    tail_.store(tail + kHeaderWords + depth, std::memory_order_release);
    return true;
  }

 private:
  static constexpr uint64_t kHeaderWords = 2;
  static_assert(std::atomic<uint64_t>::is_always_lock_free);

  void SetWords(uint64_t* words, uint64_t capacity) {
    __atomic_store_n(&words_, words, __ATOMIC_RELAXED);
    __atomic_store_n(&capacity_, capacity, __ATOMIC_RELAXED);
  }
  uint64_t& At(uint64_t position) { return words_[position & (capacity_ - 1)]; }

  // The writer's line and the reader's.
  alignas(unwind::kCacheLine) std::atomic<uint64_t> head_{0};
  uint64_t* words_ = nullptr;
  uint64_t capacity_ = 0;   // words, a power of two
  uint64_t tail_seen_ = 0;  // the writer's: tail_ when there was no room by what it knew
  alignas(unwind::kCacheLine) std::atomic<uint64_t> tail_{0};
};

}  // namespace stacksampler::sampling

#endif  // STACKSAMPLER_SAMPLER_HANDLER_SAMPLE_RING_H_
