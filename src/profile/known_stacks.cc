// SPDX-License-Identifier: MIT
#include "profile/known_stacks.h"

#include <algorithm>
#include <utility>

namespace stacksampler {

StackId* KnownStacks::Find(std::string_view text) {
  if (kPlacesPerStack * (used_ + 1) > places_.size()) Grow();
  return &PlaceOf(hash_(text), text)->stack;
}

// What has stood longest in a full group makes room.
KnownStacks::Place* KnownStacks::PlaceOf(uint64_t hash, std::string_view text) {
  Place* const group = GroupOf(hash);
  Place* const same = std::find_if(group, group + kGroup, [&](const Place& place) {
    return place.stack != 0 && place.hash == hash;
  });
  if (same != group + kGroup) {
    if (!Reads(same->stack, text)) same->stack = 0;
    return same;
  }
  Place* const last = group + kGroup - 1;
  if (last->stack == 0) ++used_;
  std::move_backward(group, last, last + 1);
  *group = {hash, 0};
  return group;
}

// From the leaf to the root, as stacks are kept.
bool KnownStacks::Reads(StackId stack, std::string_view text) const {
  while (true) {
    const StackNode& node = profile_.stacks()[stack];
    const std::string& name = profile_.FrameName(node.frame);
    if (!text.ends_with(name)) return false;
    text.remove_suffix(name.size());
    if (node.parent == 0) return text.empty();
    if (!text.ends_with(';')) return false;
    text.remove_suffix(1);
    stack = node.parent;
  }
}

void KnownStacks::Grow() {
  const std::vector<Place> old = std::exchange(places_, std::vector<Place>(2 * places_.size()));
  used_ = 0;
  // Backwards, so that of a group the newest stays first.
  for (auto place = old.rbegin(); place != old.rend(); ++place) {
    if (place->stack != 0) *PlaceOf(place->hash, {}) = *place;
  }
}

}  // namespace stacksampler
