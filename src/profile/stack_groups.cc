// SPDX-License-Identifier: MIT
#include "profile/stack_groups.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "stacksampler/keyed_hash.h"

namespace stacksampler {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

class Grouping {
 public:
  Grouping(const Profile& profile, const std::string& label)
      : profile_(profile), label_(label), places_(profile.stacks().size()) {}

  StackGroups Group();

 private:
  struct Place {
    uint32_t group = kNone;  // where the stack was seen last
    StackId stack = 0;       // its number there
  };

  [[nodiscard]] std::vector<uint32_t> GroupOfLabels();
  [[nodiscard]] std::string NameOf(const Labels& labels) const;
  StackId Add(StackId stack, uint32_t group);

  const Profile& profile_;
  const std::string& label_;
  std::vector<Place> places_;
  std::unordered_map<std::string, uint32_t, TextHasher> group_ids_;
  StackGroups out_;
};

// Group by group, so that one table of places serves all of them without being cleared.
StackGroups Grouping::Group() {
  const std::vector<Sample>& samples = profile_.samples();
  const std::vector<uint32_t> group_of = GroupOfLabels();
  const auto group = [&](uint32_t sample) { return group_of[samples[sample].labels]; };
  std::vector<uint32_t> order(samples.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return group(a) < group(b); });
  out_.stack_of.resize(samples.size());
  for (const uint32_t i : order) out_.stack_of[i] = Add(samples[i].stack, group(i));
  return std::move(out_);
}

std::vector<uint32_t> Grouping::GroupOfLabels() {
  std::vector<uint32_t> group_of;
  out_.stacks.emplace_back();
  for (const Labels& labels : profile_.label_sets()) {
    const auto next = static_cast<uint32_t>(out_.names.size());
    const auto [it, added] = group_ids_.try_emplace(NameOf(labels), next);
    group_of.push_back(it->second);
    if (!added) continue;
    out_.names.push_back(it->first);
    out_.stacks.push_back({0, static_cast<FrameId>(profile_.frames().size() + next)});
  }
  return group_of;
}

std::string Grouping::NameOf(const Labels& labels) const {
  for (const auto& [key, value] : labels) {
    if (key == label_ && !value.empty()) return value;
  }
  return "[no " + label_ + "]";
}

StackId Grouping::Add(StackId stack, uint32_t group) {
  std::vector<StackId> unknown;  // leaf first
  for (; stack != 0 && places_[stack].group != group; stack = profile_.stacks()[stack].parent) {
    unknown.push_back(stack);
  }
  StackId copy = stack == 0 ? group + 1 : places_[stack].stack;
  for (auto it = unknown.rbegin(); it != unknown.rend(); ++it) {
    out_.stacks.push_back({copy, profile_.stacks()[*it].frame});
    copy = static_cast<StackId>(out_.stacks.size() - 1);
    places_[*it] = {group, copy};
  }
  return copy;
}

}  // namespace

StackGroups GroupStacks(const Profile& profile, const std::string& label) {
  return Grouping(profile, label).Group();
}

}  // namespace stacksampler
