// SPDX-License-Identifier: MIT
#include "profile/select.h"

#include <map>
#include <optional>
#include <utility>

namespace stacksampler {
namespace {

// Carries stacks over to another profile, each one once and only when it is asked for.
class StackCopier {
 public:
  StackCopier(const Profile& from, Profile* to)
      : from_(from), to_(to), copies_(from.stacks().size()) {
    copies_[0] = 0;
  }

  StackId Copy(StackId stack) {
    std::vector<StackId> missing;
    for (; !copies_[stack]; stack = from_.stacks()[stack].parent) missing.push_back(stack);
    StackId copy = *copies_[stack];
    for (; !missing.empty(); missing.pop_back()) {
      copy = to_->InternStack(copy, CopyFrame(from_.stacks()[missing.back()].frame));
      copies_[missing.back()] = copy;
    }
    return copy;
  }

 private:
  FrameId CopyFrame(FrameId id) {
    Frame frame = from_.frames()[id];
    const Mapping& mapping = from_.mappings()[frame.mapping];
    frame.name = to_->InternString(from_.String(frame.name));
    frame.mangled_name = to_->InternString(from_.String(frame.mangled_name));
    frame.file = to_->InternString(from_.String(frame.file));
    frame.mapping =
        to_->InternMapping(from_.String(mapping.module), from_.String(mapping.build_id));
    return to_->InternFrame(frame);
  }

  const Profile& from_;
  Profile* to_;
  std::vector<std::optional<StackId>> copies_;
};

/// The samples and moments that `keep` accepts.
template <typename Keep>
Profile Select(const Profile& profile, Keep keep) {
  Profile selected;
  selected.start_ns = profile.start_ns;
  selected.end_ns = profile.end_ns;
  selected.period_ns = profile.period_ns;
  StackCopier stacks(profile, &selected);
  for (const TimedSample& timed : profile.timeline()) {
    if (!keep(timed)) continue;
    const LabelSetId labels = selected.InternLabels(profile.label_sets()[timed.labels]);
    selected.AddTimedSample(
        {timed.time_ns, stacks.Copy(timed.stack), labels, timed.weight, timed.cpu_ns});
  }
  for (const Sample& sample : SamplesWithoutMoments(profile)) {
    if (!keep(sample)) continue;
    selected.AddSample(stacks.Copy(sample.stack),
                       selected.InternLabels(profile.label_sets()[sample.labels]), sample.weight,
                       sample.cpu_ns);
  }
  return selected;
}

}  // namespace

std::vector<Sample> SamplesWithoutMoments(const Profile& profile) {
  if (profile.timeline().empty()) return profile.samples();
  std::map<std::pair<StackId, LabelSetId>, std::pair<int64_t, int64_t>> told;
  for (const TimedSample& timed : profile.timeline()) {
    auto& [weight, cpu_ns] = told[{timed.stack, timed.labels}];
    weight += timed.weight;
    cpu_ns += timed.cpu_ns;
  }
  std::vector<Sample> rest;
  for (Sample sample : profile.samples()) {
    const auto it = told.find({sample.stack, sample.labels});
    if (it != told.end()) {
      sample.weight -= it->second.first;
      sample.cpu_ns -= it->second.second;
    }
    if (sample.weight != 0 || sample.cpu_ns != 0) rest.push_back(sample);
  }
  return rest;
}

Profile SelectByLabels(const Profile& profile, const std::function<bool(const Labels&)>& keep) {
  return Select(profile,
                [&](const auto& sample) { return keep(profile.label_sets()[sample.labels]); });
}

Profile SelectBelow(const Profile& profile, const std::vector<std::string>& path) {
  constexpr size_t kElsewhere = SIZE_MAX;
  std::vector<size_t> matched(profile.stacks().size());  // names of the path, by stack
  for (size_t i = 1; i < matched.size(); ++i) {
    const auto& [parent, frame] = profile.stacks()[i];
    const size_t known = matched[parent];
    matched[i] = known;
    if (known >= path.size()) continue;  // below the path, or elsewhere
    matched[i] = profile.FrameName(frame) == path[known] ? known + 1 : kElsewhere;
  }
  return Select(profile, [&](const auto& sample) { return matched[sample.stack] == path.size(); });
}

std::string LabelValue(const Labels& labels, std::string_view key) {
  for (const auto& [name, value] : labels) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace stacksampler
