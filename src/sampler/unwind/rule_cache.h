// SPDX-License-Identifier: MIT
//
// Purpose: remembers the rule of addresses looked up before; all threads of the process share it.
// Thread safety: any number of threads find and store at once.
// Signal safety: async-signal-safe.
//
// Invariants: 1. Multiplication by an odd number is a bijection on addresses of kAddressBits. Its
// upper bits
//     choose the entry and the rest, kept as the tag, names the address exactly: no false hit.
// 2. Tag and rule share one word, read and written whole: a reader sees an entry of some moment,
//     never a mixture. Nothing else is published through it, hence relaxed order.
// 3. A stored rule is never empty(), so a zeroed cache is an empty one.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_RULE_CACHE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_RULE_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sampler/unwind/rule.h"

namespace stacksampler::unwind {

class RuleCache {
 public:
  static constexpr unsigned kAddressBits = arch::kAddressBits;
  static constexpr unsigned kIndexBits = 13;
  static constexpr size_t kEntries = size_t{1} << kIndexBits;

  /// The empty rule when `pc` is not there. REQUIRES: pc < 2^kAddressBits.
  [[gnu::always_inline]] Rule Find(uintptr_t pc) const {
    const uint64_t hash = Hash(pc);
    const uint64_t entry = entries_[hash >> kIndexShift].load(std::memory_order_relaxed);
    const uint64_t rule = entry ^ hash << kIndexBits;  // what is left when the tags are equal
    return rule < uint64_t{1} << kTagShift ? Rule::FromBits(static_cast<uint32_t>(rule)) : Rule();
  }

  /// REQUIRES: pc < 2^kAddressBits, rule is not empty.
  [[gnu::always_inline]] void Store(uintptr_t pc, Rule rule) {
    const uint64_t hash = Hash(pc);
    entries_[hash >> kIndexShift].store(hash << kIndexBits | rule.bits(),
                                        std::memory_order_relaxed);
  }

 private:
  static constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  static constexpr unsigned kIndexShift = 64 - kIndexBits;
  static constexpr unsigned kTagShift = 64 - (kAddressBits - kIndexBits);
  static_assert(Rule::kBits <= kTagShift);
  static_assert(std::atomic<uint64_t>::is_always_lock_free);

  // The bits that matter stand in the upper ones.
  [[gnu::always_inline]] static uint64_t Hash(uintptr_t pc) {
    return pc * (kOdd << (64 - kAddressBits));
  }

  std::atomic<uint64_t> entries_[kEntries];
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_RULE_CACHE_H_
