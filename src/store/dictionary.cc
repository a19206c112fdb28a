// SPDX-License-Identifier: MIT
#include "store/dictionary.h"

#include <string_view>
#include <utility>

namespace stacksampler::store {
namespace {

constexpr uint64_t kUint32Limit = uint64_t{1} << 32;
constexpr uint32_t kUnknown = UINT32_MAX;

void EncodeNames(const Profile& dictionary, const DictionaryMarks& marks, std::string* out) {
  const auto& strings = dictionary.strings();
  PutVarint(out, strings.size() - marks.strings);
  for (size_t i = marks.strings; i < strings.size(); ++i) PutText(out, *strings[i]);
  const auto& mappings = dictionary.mappings();
  PutVarint(out, mappings.size() - marks.mappings);
  for (size_t i = marks.mappings; i < mappings.size(); ++i) {
    PutVarint(out, mappings[i].module);
    PutVarint(out, mappings[i].build_id);
  }
}

void EncodeFrames(const Profile& dictionary, const DictionaryMarks& marks, std::string* out) {
  const auto& frames = dictionary.frames();
  PutVarint(out, frames.size() - marks.frames);
  for (size_t i = marks.frames; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    PutVarint(out, frame.name);
    PutVarint(out, frame.mangled_name);
    PutVarint(out, frame.mapping);
    PutVarint(out, frame.file);
    PutVarint(out, frame.line);
    PutVarint(out, frame.inlined ? 1 : 0);
  }
}

void EncodeStacks(const Profile& dictionary, const DictionaryMarks& marks, std::string* out) {
  const auto& stacks = dictionary.stacks();
  PutVarint(out, stacks.size() - marks.stacks);
  for (size_t i = marks.stacks; i < stacks.size(); ++i) {
    PutVarint(out, i - stacks[i].parent);  // a child mostly follows its parent: small
    PutVarint(out, stacks[i].frame);
  }
}

void EncodeLabelSets(const Profile& dictionary, const DictionaryMarks& marks, std::string* out) {
  const auto& label_sets = dictionary.label_sets();
  PutVarint(out, label_sets.size() - marks.label_sets);
  for (size_t i = marks.label_sets; i < label_sets.size(); ++i) {
    PutVarint(out, label_sets[i].size());
    for (const auto& [key, value] : label_sets[i]) {
      PutText(out, key);
      PutText(out, value);
    }
  }
}

template <typename T>
bool CountsUp(const std::vector<T>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != i) return false;
  }
  return true;
}

// The files of a store mostly name the same things, one behind the other: what stands behind the
// word before is looked at first, and mostly need not be looked for.
StringId InternBehind(StringId before, std::string_view text, Profile* into) {
  const StringId next = before + 1;
  const bool is_next = next < into->strings().size() && into->String(next) == text;
  return is_next ? next : into->InternString(text);
}

StackId InternBehind(StackId before, const StackNode& node, Profile* into) {
  const std::vector<StackNode>& known = into->stacks();
  const StackId next = before + 1;
  const bool is_next =
      next < known.size() && known[next].parent == node.parent && known[next].frame == node.frame;
  return is_next ? next : into->InternStack(node.parent, node.frame);
}

}  // namespace

DictionaryMarks MarksOf(const Profile& dictionary) {
  return {dictionary.strings().size(), dictionary.mappings().size(), dictionary.frames().size(),
          dictionary.stacks().size(), dictionary.label_sets().size()};
}

void EncodeDictionary(const Profile& dictionary, const DictionaryMarks& marks, std::string* out) {
  EncodeNames(dictionary, marks, out);
  EncodeFrames(dictionary, marks, out);
  EncodeStacks(dictionary, marks, out);
  EncodeLabelSets(dictionary, marks, out);
}

void DictionaryMap::Absorb(ByteReader* in, Profile* into) {
  AbsorbNames(in, into);
  AbsorbFrames(in, into);
  AbsorbStacks(in, into);
  AbsorbLabelSets(in, into);
}

void DictionaryMap::Close() {
  // An assigned {} would leave them their memory.
  strings_ = std::vector<StringId>();
  mappings_ = std::vector<MappingId>();
  frames_ = std::vector<FrameId>();
  stacks_.shrink_to_fit();
  label_sets_.shrink_to_fit();
}

void DictionaryMap::AbsorbNames(ByteReader* in, Profile* into) {
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    strings_.push_back(InternBehind(strings_.back(), in->Text(), into));
  }
  for (size_t left = in->Count(); left > 0; --left) {
    const uint32_t module = in->IdBelow(strings_.size());
    const uint32_t build_id = in->IdBelow(strings_.size());
    if (!in->ok()) return;
    mappings_.push_back(
        into->InternMapping(into->String(strings_[module]), into->String(strings_[build_id])));
  }
}

// A file names each frame and each stack once. While all that the profile has came from this file,
// what the file adds is new there, too, and need not be looked for.
void DictionaryMap::AbsorbFrames(ByteReader* in, Profile* into) {
  const bool are_new = frames_.size() == into->frames().size();
  for (size_t left = in->Count(); left > 0; --left) {
    Frame frame;
    frame.name = in->IdBelow(strings_.size());
    frame.mangled_name = in->IdBelow(strings_.size());
    frame.mapping = in->IdBelow(mappings_.size());
    frame.file = in->IdBelow(strings_.size());
    frame.line = in->IdBelow(kUint32Limit);
    frame.inlined = in->IdBelow(2) != 0;
    if (!in->ok()) return;
    frame.name = strings_[frame.name];
    frame.mangled_name = strings_[frame.mangled_name];
    frame.mapping = mappings_[frame.mapping];
    frame.file = strings_[frame.file];
    frames_.push_back(are_new ? into->AppendFrame(frame) : into->InternFrame(frame));
  }
}

void DictionaryMap::AbsorbStacks(ByteReader* in, Profile* into) {
  const bool are_new = stacks_.size() == into->stacks().size();
  for (size_t left = in->Count(); left > 0; --left) {
    const uint32_t back = in->IdBelow(stacks_.size() + 1);
    const uint32_t frame = in->IdBelow(frames_.size());
    if (back == 0) in->Fail();
    if (!in->ok()) return;
    const StackId parent = stacks_[stacks_.size() - back];
    stacks_.push_back(are_new ? into->AppendStack(parent, frames_[frame])
                              : InternBehind(stacks_.back(), {parent, frames_[frame]}, into));
  }
}

void DictionaryMap::AbsorbLabelSets(ByteReader* in, Profile* into) {
  for (size_t left = in->Count(); left > 0 && in->ok(); --left) {
    Labels labels;
    for (size_t pairs = in->Count(); pairs > 0 && in->ok(); --pairs) {
      std::string key(in->Text());
      labels.emplace_back(std::move(key), in->Text());
    }
    label_sets_.push_back(into->InternLabels(std::move(labels)));
  }
}

bool DictionaryMap::IsIdentity() const {
  return CountsUp(strings_) && CountsUp(mappings_) && CountsUp(frames_) && CountsUp(stacks_) &&
         CountsUp(label_sets_);
}

StackCopier::StackCopier(const Profile& from, Profile* to)
    : from_(from), to_(to), strings_{0}, mappings_{0}, stacks_{0} {}

StackId StackCopier::Copy(StackId stack) {
  stacks_.resize(from_.stacks().size(), kUnknown);
  for (; stacks_[stack] == kUnknown; stack = from_.stacks()[stack].parent) path_.push_back(stack);
  StackId copy = stacks_[stack];
  for (; !path_.empty(); path_.pop_back()) {
    copy = to_->InternStack(copy, CopyFrame(from_.stacks()[path_.back()].frame));
    stacks_[path_.back()] = copy;
  }
  return copy;
}

FrameId StackCopier::CopyFrame(FrameId id) {
  frames_.resize(from_.frames().size(), kUnknown);
  if (frames_[id] != kUnknown) return frames_[id];
  Frame frame = from_.frames()[id];
  frame.name = CopyString(frame.name);
  frame.mangled_name = CopyString(frame.mangled_name);
  frame.mapping = CopyMapping(frame.mapping);
  frame.file = CopyString(frame.file);
  return frames_[id] = to_->InternFrame(frame);
}

MappingId StackCopier::CopyMapping(MappingId id) {
  mappings_.resize(from_.mappings().size(), kUnknown);
  if (mappings_[id] != kUnknown) return mappings_[id];
  const Mapping& mapping = from_.mappings()[id];
  return mappings_[id] =
             to_->InternMapping(from_.String(mapping.module), from_.String(mapping.build_id));
}

StringId StackCopier::CopyString(StringId id) {
  strings_.resize(from_.strings().size(), kUnknown);
  if (strings_[id] == kUnknown) strings_[id] = to_->InternString(from_.String(id));
  return strings_[id];
}

}  // namespace stacksampler::store
