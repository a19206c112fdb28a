// SPDX-License-Identifier: MIT
//
// Purpose: the tables of a pprof file that its samples refer to: strings, mappings, functions,
//   locations. Messages may stand in any order, so each table is read in a pass of its own; nothing
//   but the tables is kept.
// Thread safety: none; one thread.
// Signal safety: none.
// Errors: kDataLoss with the byte offset; kResourceExhausted past kMaxPprofEntries.
#ifndef STACKSAMPLER_PROFILE_PPROF_TABLES_H_
#define STACKSAMPLER_PROFILE_PPROF_TABLES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "profile/proto_wire.h"
#include "stacksampler/keyed_hash.h"
#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::pprof {

/// Most strings, mappings, functions, locations and distinct frames, each. A table entry may be a
/// hundred times larger in memory than in the file.
inline constexpr size_t kMaxPprofEntries = size_t{1} << 21;

Status Damaged(const std::string& what, size_t offset);
Status TooMany(const std::string& what, size_t limit);

/// Calls `on_field(ProtoReader&)` for each field; false from it means that the field's value cannot
/// be.
template <typename OnField>
Status ReadFields(ProtoReader message, OnField on_field) {
  while (message.Next()) {
    if (!on_field(message)) return Damaged("a value that refers to nothing", message.offset());
  }
  return message.failed() ? Damaged("a malformed field", message.offset()) : Status::Ok();
}

/// Calls `on_field(ProtoReader&)`, which returns a Status, for each top-level field of that number.
template <typename OnField>
Status ForEach(std::string_view bytes, uint32_t field, OnField on_field) {
  ProtoReader top(bytes);
  while (top.Next()) {
    if (top.field() != field) continue;
    if (Status status = on_field(top); !status.ok()) return status;
  }
  return top.failed() ? Damaged("a malformed field", top.offset()) : Status::Ok();
}

/// What ids of a file stand for. Writers mostly count them up from 1, in order: those are found by
/// their place.
template <typename T>
class IdTable {
 public:
  /// False when the id is taken.
  bool Add(uint64_t id, const T& value) {
    if (Find(id) != nullptr) return false;
    if (id == dense_.size() + 1) {
      dense_.push_back(value);
    } else {
      others_.emplace(id, value);
    }
    return true;
  }
  /// Null when there is no such id.
  [[nodiscard]] const T* Find(uint64_t id) const {
    if (id - 1 < dense_.size()) return &dense_[id - 1];
    const auto it = others_.find(id);
    return it == others_.end() ? nullptr : &it->second;
  }
  [[nodiscard]] size_t size() const { return dense_.size() + others_.size(); }

 private:
  std::vector<T> dense_;  // ids 1, 2, ...
  std::unordered_map<uint64_t, T, NumberHasher> others_;
};

class Tables {
 public:
  /// Frames go into `profile`; it and `bytes` must outlive the tables.
  Tables(std::string_view bytes, Profile* profile)
      : bytes_(bytes), profile_(profile), frames_before_(profile->frames().size()) {}

  Status Read();
  /// False when the table has no such string.
  bool String(uint64_t index, std::string_view* text) const;
  /// Frames of a location, the outermost first; empty when there is no such location.
  [[nodiscard]] std::span<const FrameId> Location(uint64_t id) const;

 private:
  struct MappedFile {
    uint64_t memory_start = 0;
    uint64_t file_offset = 0;
    MappingId id = 0;
  };
  struct FrameRun {
    size_t begin = 0;  // in frames_
    size_t size = 0;
  };

  Status ReadStrings();
  Status ReadMapping(const ProtoReader& message);
  Status ReadFunction(const ProtoReader& message);
  Status ReadLocation(const ProtoReader& message);
  bool ReadLine(const ProtoReader& message);
  bool Intern(uint64_t string_index, StringId* id);
  Frame Unnamed(const MappedFile& mapping, uint64_t address);

  std::string_view bytes_;
  Profile* profile_;
  const size_t frames_before_;  // of other files
  std::vector<std::string_view> strings_;
  std::vector<StringId> interned_;  // by index; kNotInterned until it is referred to
  std::unordered_map<uint64_t, MappedFile, NumberHasher> mappings_;
  IdTable<Frame> functions_;  // mapping and inlined are the location's to say
  IdTable<FrameRun> locations_;
  std::vector<FrameId> frames_;      // of all locations
  std::vector<const Frame*> lines_;  // of the location being read, innermost first
};

}  // namespace stacksampler::pprof

#endif  // STACKSAMPLER_PROFILE_PPROF_TABLES_H_
