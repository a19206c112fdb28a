// SPDX-License-Identifier: MIT
//
// Purpose: remembers which frame a name of a text became, so that a name met again costs a hash and
//   a comparison: in folded text each one stands there some ten times.
// Shapes: two slots per hash, for the two names seen last. A name that is not found is new or was
//   forgotten; names that fall into one pair cost what they would without this.
// Thread safety: none.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_SEEN_NAMES_H_
#define STACKSAMPLER_PROFILE_SEEN_NAMES_H_

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "stacksampler/keyed_hash.h"
#include "stacksampler/profile.h"

namespace stacksampler {

class SeenNames {
 public:
  /// For a text of so many bytes, which must outlive it.
  explicit SeenNames(size_t text_bytes) {
    size_t slots = kMinSlots;
    while (slots < kMaxSlots && slots * kBytesOfSlot < text_bytes) slots *= 2;
    slots_.resize(slots);
  }

  struct Slot {
    std::string_view name;
    FrameId frame = 0;
  };
  /// The slot of `name`: its frame is known when the slot holds the same name, else it is the
  /// caller's to fill.
  Slot* Find(std::string_view name) {
    Slot* pair = &slots_[hash_(name) & (slots_.size() - 2)];
    if (pair[0].name != name) std::swap(pair[0], pair[1]);
    return pair;
  }

 private:
  static constexpr size_t kMinSlots = 64;
  static constexpr size_t kMaxSlots = size_t{1} << 14;
  static constexpr size_t kBytesOfSlot = 64;

  TextHasher hash_;
  std::vector<Slot> slots_;  // a power of two
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_SEEN_NAMES_H_
