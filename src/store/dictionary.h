// SPDX-License-Identifier: MIT
//
// Purpose: the dictionary of one file (strings, mappings, frames, stacks, label sets), written as
//   increments: what a Profile interned since the last mark.
// Shapes: ids inside a file are dense and in order of first appearance, as a Profile makes them. A
//   reader keeps one table per kind from the file's ids to those of the profile it interned into.
// Thread safety: one thread at a time.
// Errors: a bad increment fails the ByteReader.
#ifndef STACKSAMPLER_STORE_DICTIONARY_H_
#define STACKSAMPLER_STORE_DICTIONARY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/varint.h"
#include "stacksampler/profile.h"

namespace stacksampler::store {

/// How much of a profile's dictionary is known to a file; at first the entries that every profile
/// is born with.
struct DictionaryMarks {
  size_t strings = 1;
  size_t mappings = 1;
  size_t frames = 0;
  size_t stacks = 1;
  size_t label_sets = 1;
};

DictionaryMarks MarksOf(const Profile& dictionary);

/// Appends all that `dictionary` interned since `marks`.
void EncodeDictionary(const Profile& dictionary, const DictionaryMarks& marks, std::string* out);

/// From a file's ids to a profile's.
class DictionaryMap {
 public:
  /// Reads one increment and interns it into `into`, which must be the same in every call.
  void Absorb(ByteReader* in, Profile* into);
  /// Forgets what only further increments would need: Absorb() is not called any more.
  void Close();

  [[nodiscard]] const std::vector<StackId>& stacks() const { return stacks_; }
  [[nodiscard]] const std::vector<LabelSetId>& label_sets() const { return label_sets_; }
  /// The file's ids are the profile's, as they are when `into` was empty: writing can go on.
  [[nodiscard]] bool IsIdentity() const;

 private:
  void AbsorbNames(ByteReader* in, Profile* into);
  void AbsorbFrames(ByteReader* in, Profile* into);
  void AbsorbStacks(ByteReader* in, Profile* into);
  void AbsorbLabelSets(ByteReader* in, Profile* into);

  std::vector<StringId> strings_ = {0};
  std::vector<MappingId> mappings_ = {0};
  std::vector<FrameId> frames_;
  std::vector<StackId> stacks_ = {0};
  std::vector<LabelSetId> label_sets_ = {0};
};

/// Copies stacks from one profile to another, each string, frame and node once.
class StackCopier {
 public:
  /// Both must outlive it; both may grow meanwhile.
  StackCopier(const Profile& from, Profile* to);
  StackId Copy(StackId stack);
  FrameId CopyFrame(FrameId frame);

 private:
  MappingId CopyMapping(MappingId mapping);
  StringId CopyString(StringId string);

  const Profile& from_;
  Profile* to_;
  std::vector<StringId> strings_;  // kUnknown until copied, as all of these
  std::vector<MappingId> mappings_;
  std::vector<FrameId> frames_;
  std::vector<StackId> stacks_;
  std::vector<StackId> path_;  // scratch of Copy()
};

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_DICTIONARY_H_
