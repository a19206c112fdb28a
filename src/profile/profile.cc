// SPDX-License-Identifier: MIT
#include "stacksampler/profile.h"

#include <algorithm>
#include <functional>

namespace stacksampler {
namespace {

IdTable::Hash HashOf(const IdTable& table, const Frame& frame) {
  return table.Of(frame.name, {frame.mangled_name, frame.mapping, frame.file, frame.line,
                               frame.inlined ? uint32_t{1} : 0});
}

bool Same(const Frame& a, const Frame& b) {
  return a.name == b.name && a.mangled_name == b.mangled_name && a.mapping == b.mapping &&
         a.file == b.file && a.line == b.line && a.inlined == b.inlined;
}

// Keys and values may hold any byte, so lengths, not separators, keep two label sets apart.
std::string LabelSetKey(const Labels& labels) {
  std::string key;
  for (const auto& [name, value] : labels) {
    for (const std::string& part : {name, value}) {
      key += std::to_string(part.size());
      key += ':';
      key += part;
    }
  }
  return key;
}

Labels SortedUnique(Labels labels) {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const Label& a, const Label& b) { return a.first < b.first; });
  Labels unique;
  for (Label& label : labels) {
    if (!unique.empty() && unique.back().first == label.first) {
      unique.back().second = std::move(label.second);
    } else {
      unique.push_back(std::move(label));
    }
  }
  return unique;
}

Status BadProfile(const std::string& what) { return {StatusCode::kDataLoss, "profile: " + what}; }

}  // namespace

Profile::Profile() {
  InternString("");
  mappings_.emplace_back();
  stacks_.emplace_back();
  label_sets_.emplace_back();
  label_set_ids_.emplace("", 0);
}

Profile::Profile(const Profile& other) : Profile() { *this = other; }

Profile& Profile::operator=(const Profile& other) {
  if (this == &other) return *this;
  start_ns = other.start_ns;
  end_ns = other.end_ns;
  period_ns = other.period_ns;
  string_ids_ = other.string_ids_;
  strings_.assign(other.strings_.size(), nullptr);
  for (const auto& [text, id] : string_ids_) strings_[id] = &text;
  mappings_ = other.mappings_;
  mapping_ids_ = other.mapping_ids_;
  frames_ = other.frames_;
  frame_ids_ = other.frame_ids_;
  stacks_ = other.stacks_;
  stack_ids_ = other.stack_ids_;
  label_sets_ = other.label_sets_;
  label_set_ids_ = other.label_set_ids_;
  samples_ = other.samples_;
  sample_ids_ = other.sample_ids_;
  timeline_ = other.timeline_;
  return *this;
}

StringId Profile::InternString(std::string_view text) {
  const auto [it, added] =
      string_ids_.try_emplace(std::string(text), static_cast<StringId>(strings_.size()));
  if (added) strings_.push_back(&it->first);
  return it->second;
}

MappingId Profile::InternMapping(std::string_view module, std::string_view build_id) {
  const Mapping mapping{InternString(module), InternString(build_id)};
  const auto next = static_cast<MappingId>(mappings_.size());
  const auto is = [&](MappingId known) {
    return mappings_[known].module == mapping.module &&
           mappings_[known].build_id == mapping.build_id;
  };
  const auto hash_of = [this](MappingId known) {
    return mapping_ids_.Of(mappings_[known].module, mappings_[known].build_id);
  };
  const MappingId id =
      mapping_ids_.FindOrAdd(mapping_ids_.Of(mapping.module, mapping.build_id), next, is, hash_of);
  if (id == next) mappings_.push_back(mapping);
  return id;
}

FrameId Profile::InternFrame(const Frame& frame) {
  const auto next = static_cast<FrameId>(frames_.size());
  const FrameId id = frame_ids_.FindOrAdd(
      HashOf(frame_ids_, frame), next, [&](FrameId known) { return Same(frames_[known], frame); },
      [this](FrameId known) { return HashOf(frame_ids_, frames_[known]); });
  if (id == next) frames_.push_back(frame);
  return id;
}

FrameId Profile::InternFrame(std::string_view name) {
  Frame frame;
  frame.name = InternString(name);
  return InternFrame(frame);
}

StackId Profile::InternStack(StackId parent, FrameId frame) {
  const auto next = static_cast<StackId>(stacks_.size());
  const auto is = [&](StackId known) {
    return stacks_[known].parent == parent && stacks_[known].frame == frame;
  };
  const StackId id = stack_ids_.FindOrAdd(
      stack_ids_.Of(parent, frame), next, is,
      [this](StackId known) { return stack_ids_.Of(stacks_[known].parent, stacks_[known].frame); });
  if (id == next) stacks_.push_back({parent, frame});
  return id;
}

LabelSetId Profile::InternLabels(Labels labels) {
  labels = SortedUnique(std::move(labels));
  const auto [it, added] =
      label_set_ids_.try_emplace(LabelSetKey(labels), static_cast<LabelSetId>(label_sets_.size()));
  if (added) label_sets_.push_back(std::move(labels));
  return it->second;
}

void Profile::AddSample(StackId stack, LabelSetId labels, int64_t weight, int64_t cpu_ns) {
  if (weight == 0 && cpu_ns == 0) return;
  const auto next = static_cast<uint32_t>(samples_.size());
  const auto is = [&](uint32_t known) {
    return samples_[known].stack == stack && samples_[known].labels == labels;
  };
  const uint32_t id =
      sample_ids_.FindOrAdd(sample_ids_.Of(stack, labels), next, is, [this](uint32_t known) {
        return sample_ids_.Of(samples_[known].stack, samples_[known].labels);
      });
  if (id == next) samples_.push_back({stack, labels, 0, 0});
  Sample& sample = samples_[id];
  sample.weight += weight;
  sample.cpu_ns += cpu_ns;
}

void Profile::AddTimedSample(const TimedSample& sample) {
  timeline_.push_back(sample);
  AddSample(sample.stack, sample.labels, sample.weight, sample.cpu_ns);
}

FrameId Profile::AppendFrame(const Frame& frame) {
  frames_.push_back(frame);
  return static_cast<FrameId>(frames_.size() - 1);
}

StackId Profile::AppendStack(StackId parent, FrameId frame) {
  stacks_.push_back({parent, frame});
  return static_cast<StackId>(stacks_.size() - 1);
}

void Profile::AppendSample(const Sample& sample) { samples_.push_back(sample); }

void Profile::ClearSamples() {
  samples_.clear();
  sample_ids_.Clear();
  timeline_.clear();
}

void Profile::Merge(const Profile& other) {
  const bool was_empty = samples_.empty();
  std::vector<StringId> strings(other.strings_.size());
  for (size_t i = 0; i < strings.size(); ++i) strings[i] = InternString(*other.strings_[i]);
  std::vector<MappingId> mappings(other.mappings_.size());
  for (size_t i = 0; i < mappings.size(); ++i) {
    mappings[i] = InternMapping(*strings_[strings[other.mappings_[i].module]],
                                *strings_[strings[other.mappings_[i].build_id]]);
  }
  std::vector<FrameId> frames(other.frames_.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    Frame frame = other.frames_[i];
    frame.name = strings[frame.name];
    frame.mangled_name = strings[frame.mangled_name];
    frame.file = strings[frame.file];
    frame.mapping = mappings[frame.mapping];
    frames[i] = InternFrame(frame);
  }
  std::vector<StackId> stacks(other.stacks_.size());
  for (size_t i = 1; i < stacks.size(); ++i) {
    stacks[i] = InternStack(stacks[other.stacks_[i].parent], frames[other.stacks_[i].frame]);
  }
  std::vector<LabelSetId> labels(other.label_sets_.size());
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = InternLabels(other.label_sets_[i]);

  for (const Sample& s : other.samples_)
    AddSample(stacks[s.stack], labels[s.labels], s.weight, s.cpu_ns);
  for (const TimedSample& s : other.timeline_) {
    timeline_.push_back({s.time_ns, stacks[s.stack], labels[s.labels], s.weight, s.cpu_ns});
  }
  if (was_empty) {
    period_ns = other.period_ns;
  } else if (!other.samples_.empty() && period_ns != other.period_ns) {
    period_ns = 0;
  }
  if (start_ns == 0 || (other.start_ns != 0 && other.start_ns < start_ns))
    start_ns = other.start_ns;
  end_ns = std::max(end_ns, other.end_ns);
}

std::vector<FrameId> Profile::StackFrames(StackId stack) const {
  std::vector<FrameId> frames;
  for (; stack != 0; stack = stacks_[stack].parent) frames.push_back(stacks_[stack].frame);
  std::reverse(frames.begin(), frames.end());
  return frames;
}

int64_t Profile::TotalWeight() const {
  int64_t total = 0;
  for (const Sample& sample : samples_) total += sample.weight;
  return total;
}

int64_t Profile::TotalCpuNs() const {
  int64_t total = 0;
  for (const Sample& sample : samples_) total += sample.cpu_ns;
  return total;
}

Status Profile::Validate() const {
  const auto bad = BadProfile;
  for (size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    const bool strings_fit =
        std::max({frame.name, frame.mangled_name, frame.file}) < strings_.size() &&
        frame.mapping < mappings_.size();
    if (!strings_fit) return bad("frame " + std::to_string(i) + " names an id that does not exist");
  }
  for (size_t i = 1; i < stacks_.size(); ++i) {
    if (stacks_[i].parent >= i)
      return bad("stack " + std::to_string(i) + " comes before its parent");
    if (stacks_[i].frame >= frames_.size())
      return bad("stack " + std::to_string(i) + " has no such frame");
  }
  return ValidateSamples();
}

Status Profile::ValidateSamples() const {
  const auto bad = BadProfile;
  int64_t weight = 0;
  int64_t cpu_ns = 0;
  for (size_t i = 0; i < samples_.size(); ++i) {
    const Sample& sample = samples_[i];
    const auto name = [i] { return "sample " + std::to_string(i); };
    if (sample.stack >= stacks_.size()) return bad(name() + " has no such stack");
    if (sample.labels >= label_sets_.size()) return bad(name() + " has no such label set");
    if (sample.weight < 0 || sample.cpu_ns < 0) return bad(name() + " has a negative value");
    if (__builtin_add_overflow(weight, sample.weight, &weight) ||
        __builtin_add_overflow(cpu_ns, sample.cpu_ns, &cpu_ns)) {
      return bad("the sum of the values passes 2^63");
    }
  }
  for (size_t i = 0; i < timeline_.size(); ++i) {
    if (timeline_[i].stack >= stacks_.size() || timeline_[i].labels >= label_sets_.size()) {
      return bad("moment " + std::to_string(i) + " has no such stack or label set");
    }
  }
  if (start_ns > end_ns && end_ns != 0) return bad("it ends before it starts");
  return Status::Ok();
}

}  // namespace stacksampler
