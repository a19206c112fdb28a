// SPDX-License-Identifier: MIT
//
// Purpose: finds the id of a value that stands in a vector of its owner's. Holds nothing but ids, in
//   one flat table: a million of them cost 8 to 16 MB and no allocation each. For
//   Profile and what is built from it: no interface of its own.
//   Which values lie together depends on a secret of the process, so that nobody who chooses the
//   values can make looking for them slow.
// Shapes: ids are dense and added in order, from the first on. Where the owner's vector grew without
//   the table, the next FindOrAdd() adds what it missed: who only appends pays nothing for it.
// Thread safety: const members may be called from several threads.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_ID_TABLE_H_
#define STACKSAMPLER_ID_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stacksampler/keyed_hash.h"

namespace stacksampler {

class IdTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// `first`: the ids below are never found.
  explicit IdTable(uint32_t first = 0) : first_(first), end_(first) {}

  /// What a value is found by: those with the same or a close `near` lie together, where there is
  /// room; of others `mixed` decides.
  struct Hash {
    uint32_t near;
    uint64_t mixed;
  };
  /// Of two numbers; `near` is the first, for values that are added and asked for in about its
  /// order.
  [[nodiscard]] Hash Of(uint32_t near, uint32_t other) const {
    return {near, secret_->Mix(near, other)};
  }
  [[nodiscard]] Hash Of(uint32_t near, const std::array<uint32_t, 5>& others) const {
    return {near, secret_->Mix({near, others[0], others[1], others[2], others[3], others[4]})};
  }

  /// Room for ids below `end`; what was added is gone.
  void Reserve(size_t end) {
    size_t size = kLineSlots;
    while (size < 2 * end) size *= 2;
    slots_.assign(size, kNone);
  }

  /// The id of that hash of which `is(id)` is true, kNone when there is none.
  template <typename Is>
  [[nodiscard]] uint32_t Find(Hash hash, const Is& is) const {
    return slots_.empty() ? kNone : slots_[Place(hash, is)];
  }

  /// The same, but `next`, which is added, when there is none; `hash_of(id)` is the hash of an id
  /// below `next`.
  template <typename Is, typename HashOf>
  uint32_t FindOrAdd(Hash hash, uint32_t next, const Is& is, const HashOf& hash_of) {
    if (end_ != next || 2 * (size_t{next} + 1) > slots_.size()) AddAllBelow(next, hash_of);
    uint32_t& slot = slots_[Place(hash, is)];
    if (slot == kNone) {
      slot = next;
      end_ = next + 1;
    }
    return slot;
  }

  void Clear() {
    slots_.clear();
    end_ = first_;
  }

 private:
  static constexpr size_t kLineSlots = 16;
  static constexpr size_t kNearPerLine = 8;

  // First in the one line of cache that belongs to `near`; where that is full, as by the children
  // of a busy parent, in lines anywhere, one after the other at a distance of the value's own:
  // lines that are full side by side, as values without a secret can make them, do not add up. In
  // each from a place that `mixed` chooses. Nothing is ever removed, so a walk finds what it added;
  // the distance is odd and at most half of the places are taken, so it ends.
  template <typename Is>
  [[nodiscard]] size_t Place(Hash hash, const Is& is) const {
    const size_t mask = slots_.size() / kLineSlots - 1;
    const uint64_t distance = hash.mixed >> 32 | 1;
    size_t line = hash.near / kNearPerLine & mask;
    for (uint64_t next = hash.mixed / kLineSlots;; next += distance) {
      for (size_t i = 0; i < kLineSlots; ++i) {
        const size_t place = line * kLineSlots + (hash.mixed + i) % kLineSlots;
        if (slots_[place] == kNone || is(slots_[place])) return place;
      }
      line = next & mask;
    }
  }

  template <typename HashOf>
  void AddAllBelow(uint32_t end, const HashOf& hash_of) {
    if (2 * (size_t{end} + 1) > slots_.size()) {
      Reserve(size_t{end} + 1);
      end_ = first_;
    }
    for (; end_ < end; ++end_) {
      slots_[Place(hash_of(end_), [](uint32_t) { return false; })] = end_;
    }
  }

  const HashSecret* secret_ = &HashSecret::OfProcess();
  uint32_t first_;
  uint32_t end_;                 // of the ids that were added
  std::vector<uint32_t> slots_;  // a power of two
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_ID_TABLE_H_
