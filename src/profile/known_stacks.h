// SPDX-License-Identifier: MIT
//
// Purpose: finds a stack by how it reads, "root;caller;leaf", so that a line of folded text met again
//   costs two passes over its bytes instead of a search for each frame.
// Shapes: groups of eight places; a hash chooses the group. A stack that is found was compared with
//   the text, name by name. One that is not found is new or was forgotten: texts that fall into one
//   group cost what they would without this.
// Thread safety: none.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_KNOWN_STACKS_H_
#define STACKSAMPLER_PROFILE_KNOWN_STACKS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stacksampler/keyed_hash.h"
#include "stacksampler/profile.h"

namespace stacksampler {

class KnownStacks {
 public:
  /// `profile` must outlive it.
  explicit KnownStacks(const Profile& profile) : profile_(profile), places_(kMinPlaces) {}

  /// The place of the stack that reads `text`: 0 where it is not known, and then the caller's to
  /// fill, with a stack whose frames have shown names and nothing else, none with a ';' in it. Good
  /// until the next call.
  StackId* Find(std::string_view text);

  [[nodiscard]] size_t bytes() const { return places_.size() * sizeof(Place); }

 private:
  struct Place {
    uint64_t hash = 0;
    StackId stack = 0;
  };
  static constexpr size_t kGroup = 8;
  static constexpr size_t kMinPlaces = 8 * kGroup;
  // So few that hardly a group overflows unless somebody wants it to.
  static constexpr size_t kPlacesPerStack = 4;

  Place* GroupOf(uint64_t hash) {
    return &places_[hash & (places_.size() - 1) & ~uint64_t{kGroup - 1}];
  }
  Place* PlaceOf(uint64_t hash, std::string_view text);
  [[nodiscard]] bool Reads(StackId stack, std::string_view text) const;
  void Grow();

  const Profile& profile_;
  TextHasher hash_;
  std::vector<Place> places_;  // a power of two; of a group the newest first
  size_t used_ = 0;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_KNOWN_STACKS_H_
