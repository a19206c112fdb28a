// SPDX-License-Identifier: MIT
//
// Purpose: the one model of a CPU profile that every part shares: strings, mappings, frames, stacks
//   as a parent-pointer tree, labelled samples and, where it was asked for, a timeline.
// Shapes: ids are dense indices in order of first appearance. String 0 is "", mapping 0 is "no
//   mapping", stack 0 is the empty stack (root of all), label set 0 is "no labels".
// Units: weight = periods (1 + timer overruns per delivered signal); cpu_ns = nanoseconds of CPU
//   time.
// Thread safety: const members may be called from several threads; others need outside locking.
// Signal safety: none.
// Errors: interning cannot fail; Validate() says what is wrong with a profile that came from
//   outside.
#ifndef STACKSAMPLER_PROFILE_H_
#define STACKSAMPLER_PROFILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stacksampler/export.h"
#include "stacksampler/id_table.h"
#include "stacksampler/keyed_hash.h"
#include "stacksampler/status.h"

namespace stacksampler {

using StringId = uint32_t;
using MappingId = uint32_t;
using FrameId = uint32_t;
using StackId = uint32_t;
using LabelSetId = uint32_t;

/// A loaded module: what is needed to name an address again somewhere else.
struct Mapping {
  StringId module = 0;    // path or name, "" when unknown
  StringId build_id = 0;  // lower-case hex, "" when the module has none
};

/// One function in a stack. Two frames are the same when all six members are.
struct Frame {
  StringId name = 0;  // shown: demangled, without parameter list; "[libfoo.so+0x1f3c]" when unnamed
  StringId mangled_name = 0;  // linker name, "" when unknown
  MappingId mapping = 0;
  StringId file = 0;  // source file of the line, "" when unknown
  uint32_t line = 0;  // of the function's begin, or SamplerOptions::running_lines; 0 when unknown
  bool inlined = false;
};

/// One node of the stack tree: `frame` called by the stack `parent`.
struct StackNode {
  StackId parent = 0;
  FrameId frame = 0;
};

/// One label of a sample, for example {"thread", "worker-3"}.
using Label = std::pair<std::string, std::string>;
/// Sorted by key, keys unique.
using Labels = std::vector<Label>;

/// Weight of one (stack, label set). At most one per pair.
struct Sample {
  StackId stack = 0;
  LabelSetId labels = 0;
  int64_t weight = 0;
  int64_t cpu_ns = 0;  // 0 when the source's period is unknown
};

/// One delivered signal at one moment.
struct TimedSample {
  int64_t time_ns = 0;  // since the Unix epoch
  StackId stack = 0;
  LabelSetId labels = 0;
  int64_t weight = 0;
  int64_t cpu_ns = 0;
};

class STACKSAMPLER_EXPORT Profile {
 public:
  Profile();

  // ---- What the samples cover.
  int64_t start_ns = 0;   // Unix epoch; 0 when unknown
  int64_t end_ns = 0;     // Unix epoch; 0 when unknown
  int64_t period_ns = 0;  // CPU time per unit of weight; 0 when unknown or mixed

  // ---- Building. All return the id of an equal, already interned value where there is one.
  StringId InternString(std::string_view text);
  MappingId InternMapping(std::string_view module, std::string_view build_id);
  FrameId InternFrame(const Frame& frame);
  /// A frame of which only the shown name is known.
  FrameId InternFrame(std::string_view name);
  /// The stack `parent` with `frame` called from its leaf.
  StackId InternStack(StackId parent, FrameId frame);
  /// `labels` need not be sorted; of equal keys the last wins.
  LabelSetId InternLabels(Labels labels);
  /// Adds to the sample of (stack, labels). Ignores a weight and cpu_ns that are both 0.
  void AddSample(StackId stack, LabelSetId labels, int64_t weight, int64_t cpu_ns);
  /// Appends to the timeline AND adds to the sample of (stack, labels).
  void AddTimedSample(const TimedSample& sample);
  // ---- The same of values that are known to be new, such as those of a file that holds each once:
  // they are not looked for. An equal one that was there after all stays, under an id of its own.
  FrameId AppendFrame(const Frame& frame);
  StackId AppendStack(StackId parent, FrameId frame);
  void AppendSample(const Sample& sample);
  /// Forgets samples and timeline. What was interned stays, with its ids.
  void ClearSamples();
  /// Forgets when samples were taken. The samples stay.
  void ClearTimeline() { timeline_.clear(); }
  /// Adds all samples (and the timeline) of `other`, and widens start_ns..end_ns. Different periods
  /// give period_ns 0.
  void Merge(const Profile& other);

  // ---- Reading.
  [[nodiscard]] const std::string& String(StringId id) const { return *strings_[id]; }
  [[nodiscard]] const std::vector<const std::string*>& strings() const { return strings_; }
  [[nodiscard]] const std::vector<Mapping>& mappings() const { return mappings_; }
  [[nodiscard]] const std::vector<Frame>& frames() const { return frames_; }
  /// A parent's id is always smaller than its child's.
  [[nodiscard]] const std::vector<StackNode>& stacks() const { return stacks_; }
  [[nodiscard]] const std::vector<Labels>& label_sets() const { return label_sets_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  /// Empty unless it was asked for; in order of arrival.
  [[nodiscard]] const std::vector<TimedSample>& timeline() const { return timeline_; }
  /// Shown name of a frame.
  [[nodiscard]] const std::string& FrameName(FrameId id) const { return String(frames_[id].name); }
  /// Frames of a stack, root first.
  [[nodiscard]] std::vector<FrameId> StackFrames(StackId stack) const;
  [[nodiscard]] int64_t TotalWeight() const;
  [[nodiscard]] int64_t TotalCpuNs() const;

  /// Ids in range, parents before children, weights not negative, start_ns <= end_ns, sums below
  /// 2^63.
  [[nodiscard]] Status Validate() const;
  /// The same of the samples alone: enough where strings, frames and stacks were made by interning.
  [[nodiscard]] Status ValidateSamples() const;

  Profile(const Profile& other);
  Profile& operator=(const Profile& other);
  Profile(Profile&&) noexcept = default;
  Profile& operator=(Profile&&) noexcept = default;
  ~Profile() = default;

 private:
  // The map owns the strings; its nodes never move, so that strings_ may point into it.
  std::unordered_map<std::string, StringId, TextHasher> string_ids_;
  std::vector<const std::string*> strings_;
  std::vector<Mapping> mappings_;
  IdTable mapping_ids_;
  std::vector<Frame> frames_;
  IdTable frame_ids_;
  std::vector<StackNode> stacks_;
  IdTable stack_ids_{1};  // the empty stack is nobody's child
  std::vector<Labels> label_sets_;
  // By length-prefixed keys and values.
  std::unordered_map<std::string, LabelSetId, TextHasher> label_set_ids_;
  std::vector<Sample> samples_;
  IdTable sample_ids_;  // by stack and labels
  std::vector<TimedSample> timeline_;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_H_
