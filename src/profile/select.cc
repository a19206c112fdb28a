// SPDX-License-Identifier: MIT
#include "profile/select.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "profile/label_copier.h"
#include "stacksampler/keyed_hash.h"

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

uint64_t SampleKey(StackId stack, LabelSetId labels) { return uint64_t{stack} << 32 | labels; }

// Times and period, and what `keep` accepts (by stack and labels), under the stack that `place`
// names.
template <typename Keep, typename Place>
void CopySamples(const Profile& from, Keep keep, Place place, Profile* to) {
  to->start_ns = from.start_ns;
  to->end_ns = from.end_ns;
  to->period_ns = from.period_ns;
  LabelCopier labels(from, to);
  for (const TimedSample& timed : from.timeline()) {
    if (!keep(timed.stack, timed.labels)) continue;
    to->AddTimedSample({timed.time_ns, place(timed.stack, timed.labels), labels.Copy(timed.labels),
                        timed.weight, timed.cpu_ns});
  }
  for (const Sample& sample : SamplesWithoutMoments(from)) {
    if (!keep(sample.stack, sample.labels)) continue;
    to->AddSample(place(sample.stack, sample.labels), labels.Copy(sample.labels), sample.weight,
                  sample.cpu_ns);
  }
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
  Profile selected;
  StackCopier stacks(profile, &selected);
  CopySamples(
      profile,
      [&](StackId /*stack*/, LabelSetId labels) { return keep(profile.label_sets()[labels]); },
      [&](StackId stack, LabelSetId /*labels*/) { return stacks.Copy(stack); }, &selected);
  return selected;
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
  Profile selected;
  StackCopier stacks(profile, &selected);
  CopySamples(
      profile, [&](StackId stack, LabelSetId /*labels*/) { return matched[stack] == path.size(); },
      [&](StackId stack, LabelSetId /*labels*/) { return stacks.Copy(stack); }, &selected);
  return selected;
}

Profile KeepHeaviest(const Profile& profile, size_t keep, std::string_view folded) {
  std::vector<Sample> samples = profile.samples();
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.weight > b.weight; });
  samples.resize(std::min(keep, samples.size()));
  std::unordered_set<uint64_t, NumberHasher> kept;
  for (const Sample& sample : samples) kept.insert(SampleKey(sample.stack, sample.labels));
  Profile selected;
  StackCopier stacks(profile, &selected);
  CopySamples(
      profile, [](StackId, LabelSetId) { return true; },
      [&](StackId stack, LabelSetId labels) {
        if (kept.count(SampleKey(stack, labels)) != 0) return stacks.Copy(stack);
        return selected.InternStack(0, selected.InternFrame(folded));
      },
      &selected);
  return selected;
}

std::string LabelValue(const Labels& labels, std::string_view key) {
  for (const auto& [name, value] : labels) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace stacksampler
