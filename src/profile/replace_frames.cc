// SPDX-License-Identifier: MIT
#include "profile/replace_frames.h"

#include <optional>
#include <utility>

#include "profile/label_copier.h"
#include "profile/select.h"

namespace stacksampler {
namespace {

class Replacer {
 public:
  Replacer(const Profile& from, const std::function<std::vector<Replacement>(FrameId)>& replace)
      : from_(from),
        replace_(replace),
        frames_(from.frames().size()),
        stacks_(from.stacks().size()) {
    stacks_[0] = 0;
  }

  Profile Run() {
    to_.start_ns = from_.start_ns;
    to_.end_ns = from_.end_ns;
    to_.period_ns = from_.period_ns;
    LabelCopier labels(from_, &to_);
    for (const TimedSample& timed : from_.timeline()) {
      to_.AddTimedSample({timed.time_ns, Stack(timed.stack), labels.Copy(timed.labels),
                          timed.weight, timed.cpu_ns});
    }
    for (const Sample& sample : SamplesWithoutMoments(from_)) {
      to_.AddSample(Stack(sample.stack), labels.Copy(sample.labels), sample.weight, sample.cpu_ns);
    }
    return std::move(to_);
  }

 private:
  StackId Stack(StackId stack) {
    std::vector<StackId> missing;
    for (; !stacks_[stack]; stack = from_.stacks()[stack].parent) missing.push_back(stack);
    StackId copy = *stacks_[stack];
    for (; !missing.empty(); missing.pop_back()) {
      for (const FrameId frame : Frames(from_.stacks()[missing.back()].frame)) {
        copy = to_.InternStack(copy, frame);
      }
      stacks_[missing.back()] = copy;
    }
    return copy;
  }

  const std::vector<FrameId>& Frames(FrameId id) {
    if (!frames_[id].empty()) return frames_[id];
    for (const Replacement& replacement : replace_(id)) frames_[id].push_back(Add(id, replacement));
    if (frames_[id].empty()) frames_[id].push_back(Add(id, Unchanged(from_.frames()[id])));
    return frames_[id];
  }

  Replacement Unchanged(const Frame& frame) {
    return {from_.String(frame.name), from_.String(frame.mangled_name), from_.String(frame.file),
            frame.line, frame.inlined};
  }

  FrameId Add(FrameId replaced, const Replacement& replacement) {
    const Mapping& mapping = from_.mappings()[from_.frames()[replaced].mapping];
    Frame frame;
    frame.name = to_.InternString(replacement.name);
    frame.mangled_name = to_.InternString(replacement.mangled_name);
    frame.file = to_.InternString(replacement.file);
    frame.mapping = to_.InternMapping(from_.String(mapping.module), from_.String(mapping.build_id));
    frame.line = replacement.line;
    frame.inlined = replacement.inlined;
    return to_.InternFrame(frame);
  }

  const Profile& from_;
  const std::function<std::vector<Replacement>(FrameId)>& replace_;
  Profile to_;
  std::vector<std::vector<FrameId>> frames_;  // by old id; empty: not asked for yet
  std::vector<std::optional<StackId>> stacks_;
};

}  // namespace

Profile ReplaceFrames(const Profile& profile,
                      const std::function<std::vector<Replacement>(FrameId)>& replace) {
  return Replacer(profile, replace).Run();
}

}  // namespace stacksampler
