// SPDX-License-Identifier: MIT
#include "sampler/profile_builder.h"

#include <string>
#include <unordered_map>
#include <utility>

namespace stacksampler::sampling {
namespace {

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

const char* StateName(ThreadState state) {
  return state == ThreadState::kRunning ? "running" : "waiting";
}

FrameId CopyFrame(const Profile& from, FrameId id, Profile* to) {
  Frame frame = from.frames()[id];
  const Mapping& mapping = from.mappings()[frame.mapping];
  frame.name = to->InternString(from.String(frame.name));
  frame.mangled_name = to->InternString(from.String(frame.mangled_name));
  frame.file = to->InternString(from.String(frame.file));
  frame.mapping = to->InternMapping(from.String(mapping.module), from.String(mapping.build_id));
  return to->InternFrame(frame);
}

}  // namespace

Profile ProfileBuilder::Build(const WindowSnapshot& snapshot) {
  // Code of a just-in-time compiler may have another name than it had.
  if (symbolizer_.RefreshPerfMap()) {
    skipped_perf_map_lines_ = symbolizer_.skipped_perf_map_lines();
    std::erase_if(frames_,
                  [](const auto& known) { return known.first.first == CodeAddress::kNoModule; });
  }
  Profile profile;
  profile.start_ns = snapshot.start_ns;
  profile.end_ns = snapshot.end_ns;
  profile.period_ns = period_ns_;
  const std::vector<StackId> stacks = BuildStacks(snapshot, &profile);
  std::vector<int64_t> untimed;
  std::vector<LabelSetId> labels;
  for (const WindowSnapshot::Entry& entry : snapshot.entries) {
    untimed.push_back(entry.weight);
    labels.push_back(InternLabels(snapshot.names[entry.name], entry.state, &profile));
  }
  for (const Moment& moment : snapshot.moments) {
    untimed[moment.counter] -= moment.weight;
    profile.AddTimedSample({moment.unix_ns, stacks[snapshot.entries[moment.counter].node],
                            labels[moment.counter], int64_t{moment.weight},
                            int64_t{moment.weight} * period_ns_});
  }
  for (size_t i = 0; i < snapshot.entries.size(); ++i) {
    profile.AddSample(stacks[snapshot.entries[i].node], labels[i], untimed[i],
                      untimed[i] * period_ns_);
  }
  return profile;
}

LabelSetId ProfileBuilder::InternLabels(const std::string& thread, ThreadState state,
                                        Profile* profile) const {
  Labels labels = labels_;
  labels.emplace_back("thread", thread);
  if (state != ThreadState::kUntold) labels.emplace_back("state", StateName(state));
  return profile->InternLabels(std::move(labels));
}

std::vector<StackId> ProfileBuilder::BuildStacks(const WindowSnapshot& snapshot, Profile* profile) {
  std::vector<StackId> stacks(snapshot.nodes.size());
  // A function stands in thousands of stacks: its strings are looked up once.
  std::unordered_map<FrameId, FrameId> copies;
  for (size_t i = 1; i < snapshot.nodes.size(); ++i) {
    StackId stack = stacks[snapshot.nodes[i].parent];
    for (const FrameId frame : FramesOf(snapshot.nodes[i])) {
      const auto [copy, is_new] = copies.try_emplace(frame);
      if (is_new) copy->second = CopyFrame(known_, frame, profile);
      stack = profile->InternStack(stack, copy->second);
    }
    stacks[i] = stack;
  }
  return stacks;
}

const std::vector<FrameId>& ProfileBuilder::FramesOf(const WindowSnapshot::Node& node) {
  const auto [it, added] = frames_.try_emplace({node.address.module, node.address.offset});
  if (added) it->second = NameAddress(node);
  return it->second;
}

std::vector<FrameId> ProfileBuilder::NameAddress(const WindowSnapshot::Node& node) {
  if (node.address.module == CodeAddress::kMarkerModule) {
    return {known_.InternFrame(MarkerName(static_cast<Marker>(node.address.offset)))};
  }
  if (node.module == nullptr) {
    return {Intern(symbolizer_.NameUnmapped(node.address.offset), 0)};
  }
  const MappingId mapping =
      known_.InternMapping(BaseName(node.module->path), node.module->build_id);
  std::vector<FrameId> frames;
  const auto named = symbolizer_.Name(*node.module, node.address.offset + node.module->load_bias);
  for (auto it = named.rbegin(); it != named.rend(); ++it) frames.push_back(Intern(*it, mapping));
  return frames;
}

FrameId ProfileBuilder::Intern(const symbolize::NamedFrame& named, MappingId mapping) {
  Frame frame;
  frame.name = known_.InternString(named.name);
  frame.mangled_name = known_.InternString(named.mangled_name);
  frame.mapping = mapping;
  frame.file = known_.InternString(named.file);
  frame.line = named.line;
  frame.inlined = named.inlined;
  return known_.InternFrame(frame);
}

}  // namespace stacksampler::sampling
