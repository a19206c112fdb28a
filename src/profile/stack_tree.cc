// SPDX-License-Identifier: MIT
#include "profile/stack_tree.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "profile/stack_groups.h"
#include "profile/text_bytes.h"
#include "profile/tree_growth.h"
#include "stacksampler/keyed_hash.h"

namespace stacksampler {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// Texts in order of first use; a profile holds each of its own once.
class UsedStrings {
 public:
  UsedStrings(const Profile& profile, std::vector<std::string>* texts)
      : profile_(profile), texts_(*texts), places_(profile.strings().size(), kNone) {
    Add("");
    places_[0] = 0;
  }
  uint32_t Use(StringId id) {
    if (places_[id] == kNone) places_[id] = Place(profile_.String(id));
    return places_[id];
  }
  /// A text that is not the profile's.
  uint32_t UseText(const std::string& text) {
    const auto [it, added] = others_.try_emplace(text, 0);
    if (added) it->second = Add(text);
    return it->second;
  }

 private:
  uint32_t Place(const std::string& text) {
    const auto known = others_.find(text);
    return known != others_.end() ? known->second : Add(text);
  }
  uint32_t Add(const std::string& text) {
    texts_.push_back(text);
    return static_cast<uint32_t>(texts_.size() - 1);
  }

  const Profile& profile_;
  std::vector<std::string>& texts_;
  std::vector<uint32_t> places_;
  std::unordered_map<std::string_view, uint32_t, TextHasher> others_;  // of the caller's texts
};

}  // namespace

StackTree::StackTree(const Profile& profile, TreeUnit unit, const std::string& group_by)
    : unit_(unit) {
  StackGroups groups;
  if (!group_by.empty()) groups = GroupStacks(profile, group_by);
  const std::vector<StackNode>& stacks = group_by.empty() ? profile.stacks() : groups.stacks;
  totals_.resize(stacks.size());
  is_used_.resize(stacks.size());
  const std::vector<Sample>& samples = profile.samples();
  for (size_t i = 0; i < samples.size(); ++i) {
    AddSample(group_by.empty() ? samples[i].stack : groups.stack_of[i], samples[i]);
  }
  if (unit == TreeUnit::kCpuMicroseconds) Round();
  Link(stacks);
  SetLooks(profile, groups.names);
  is_used_ = {};
}

void StackTree::AddSample(StackId stack, const Sample& sample) {
  totals_[stack] += unit_ == TreeUnit::kSamples ? sample.weight : sample.cpu_ns;
  is_used_[stack] = 1;
}

void StackTree::Round() {
  for (int64_t& total : totals_) total = RoundedMicroseconds(total);
}

// Sums the totals, callees before their callers, and sorts the used stacks by their callers: first
// begin_ counts, then it holds the ends, and last, as the places are given away, the beginnings.
void StackTree::Link(const std::vector<StackNode>& stacks) {
  frames_.resize(stacks.size());
  begin_.resize(stacks.size() + 1);
  for (size_t i = stacks.size(); i-- > 1;) {
    frames_[i] = stacks[i].frame + 1;
    if (is_used_[i] == 0) continue;
    is_used_[stacks[i].parent] = 1;
    totals_[stacks[i].parent] += totals_[i];
    ++begin_[stacks[i].parent];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  callees_.resize(begin_.back());
  for (size_t i = stacks.size(); i-- > 1;) {
    if (is_used_[i] != 0) callees_[--begin_[stacks[i].parent]] = static_cast<StackId>(i);
  }
}

// Of frames that no used stack has nothing is kept.
void StackTree::SetLooks(const Profile& profile, const std::vector<std::string>& groups) {
  UsedStrings names(profile, &texts_.names);
  UsedStrings modules(profile, &texts_.modules);
  const std::vector<Frame>& own = profile.frames();
  looks_.resize(1 + own.size() + groups.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    looks_[1 + own.size() + i].name = names.UseText(groups[i]);
  }
  for (const StackId stack : callees_) {
    Look& look = looks_[frames_[stack]];
    if (look.name != 0) continue;
    const Frame& frame = own[frames_[stack] - 1];
    look = {names.Use(frame.name), modules.Use(profile.mappings()[frame.mapping].module),
            frame.inlined};
  }
}

size_t StackTree::bytes() const {
  return frames_.size() * (sizeof(uint32_t) * 2 + sizeof(int64_t)) +
         callees_.size() * sizeof(StackId) + looks_.size() * sizeof(Look) + TextBytes(texts_);
}

StackTree::Place StackTree::Find(const std::vector<std::string>& path) const {
  Place place = {{0}, total(), 0};
  for (const std::string& name : path) {
    Place next = {{}, 0, place.matched + 1};
    for (const StackId caller : place.stacks) {
      for (const StackId stack : Callees(caller)) {
        if (texts_.names[LookOf(stack).name] != name) continue;
        next.stacks.push_back(stack);
        next.total += Total(stack);
      }
    }
    if (next.stacks.empty()) break;
    std::sort(next.stacks.begin(), next.stacks.end());
    place = std::move(next);
  }
  return place;
}

std::vector<CallNode> StackTree::Subtree(const Place& root, SiblingOrder order,
                                         int64_t least_total) const {
  return TreeGrowth(*this, order, least_total).Grow(root);
}

}  // namespace stacksampler
