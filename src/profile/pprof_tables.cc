// SPDX-License-Identifier: MIT
#include "profile/pprof_tables.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "profile/pprof_schema.h"

namespace stacksampler::pprof {
namespace {

constexpr StringId kNotInterned = UINT32_MAX;

std::string Hex(uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

}  // namespace

Status Damaged(const std::string& what, size_t offset) {
  return {StatusCode::kDataLoss, "pprof: " + what + " before byte " + std::to_string(offset)};
}

Status TooMany(const std::string& what, size_t limit) {
  return {StatusCode::kResourceExhausted, "pprof: more than " + std::to_string(limit) + ' ' + what};
}

Status Tables::Read() {
  mappings_.try_emplace(0);
  if (Status status = ReadStrings(); !status.ok()) return status;
  Status status = ForEach(bytes_, kMapping,
                          [this](ProtoReader& field) { return ReadMapping(field.Message()); });
  if (!status.ok()) return status;
  status = ForEach(bytes_, kFunction,
                   [this](ProtoReader& field) { return ReadFunction(field.Message()); });
  if (!status.ok()) return status;
  return ForEach(bytes_, kLocation,
                 [this](ProtoReader& field) { return ReadLocation(field.Message()); });
}

Status Tables::ReadStrings() {
  Status status = ForEach(bytes_, kStringTable, [this](ProtoReader& field) {
    strings_.push_back(field.Bytes());
    const bool fits = strings_.size() <= kMaxPprofEntries;
    return fits ? Status::Ok() : TooMany("strings", kMaxPprofEntries);
  });
  if (!status.ok()) return status;
  interned_.assign(strings_.size(), kNotInterned);
  if (!strings_.empty() && strings_[0].empty()) return Status::Ok();
  return Damaged("no string table that begins with the empty string", bytes_.size());
}

bool Tables::String(uint64_t index, std::string_view* text) const {
  if (index >= strings_.size()) return false;
  *text = strings_[index];
  return true;
}

std::span<const FrameId> Tables::Location(uint64_t id) const {
  const FrameRun* run = locations_.Find(id);
  if (run == nullptr) return {};
  return std::span<const FrameId>(frames_).subspan(run->begin, run->size);
}

// Each string is hashed once, however often it is referred to.
bool Tables::Intern(uint64_t string_index, StringId* id) {
  std::string_view text;
  if (!String(string_index, &text)) return false;
  StringId& interned = interned_[string_index];
  if (interned == kNotInterned) interned = profile_->InternString(text);
  *id = interned;
  return true;
}

Status Tables::ReadMapping(const ProtoReader& message) {
  uint64_t id = 0;
  std::string_view module;
  std::string_view build_id;
  MappedFile mapping;
  Status status = ReadFields(message, [&](ProtoReader& field) {
    if (field.field() == kMappingId) id = field.Uint();
    if (field.field() == kMemoryStart) mapping.memory_start = field.Uint();
    if (field.field() == kFileOffset) mapping.file_offset = field.Uint();
    if (field.field() == kMappingFile) return String(field.Uint(), &module);
    if (field.field() == kBuildId) return String(field.Uint(), &build_id);
    return true;
  });
  if (!status.ok()) return status;
  mapping.id = profile_->InternMapping(module, build_id);
  if (id == 0 || !mappings_.try_emplace(id, mapping).second) {
    return Damaged("a mapping whose id is 0 or taken", message.offset());
  }
  return mappings_.size() <= kMaxPprofEntries ? Status::Ok()
                                              : TooMany("mappings", kMaxPprofEntries);
}

Status Tables::ReadFunction(const ProtoReader& message) {
  uint64_t id = 0;
  Frame frame;
  Status status = ReadFields(message, [&](ProtoReader& field) {
    if (field.field() == kFunctionId) id = field.Uint();
    if (field.field() == kName) return Intern(field.Uint(), &frame.name);
    if (field.field() == kSystemName) return Intern(field.Uint(), &frame.mangled_name);
    if (field.field() == kFunctionFile) return Intern(field.Uint(), &frame.file);
    if (field.field() == kStartLine && field.Uint() <= UINT32_MAX) {
      frame.line = static_cast<uint32_t>(field.Uint());
    }
    return true;
  });
  if (!status.ok()) return status;
  if (frame.name == 0) frame.name = frame.mangled_name;
  if (frame.name == 0) frame.name = profile_->InternString("[unnamed]");
  if (id == 0 || !functions_.Add(id, frame)) {
    return Damaged("a function whose id is 0 or taken", message.offset());
  }
  return functions_.size() <= kMaxPprofEntries ? Status::Ok()
                                               : TooMany("functions", kMaxPprofEntries);
}

// A line without a function is a null: an address that nobody has named.
bool Tables::ReadLine(const ProtoReader& message) {
  uint64_t id = 0;
  Status status = ReadFields(message, [&](ProtoReader& field) {
    if (field.field() == kLineFunction) id = field.Uint();
    return true;
  });
  const Frame* function = functions_.Find(id);
  if (!status.ok() || (id != 0 && function == nullptr)) return false;
  lines_.push_back(function);
  return true;
}

Frame Tables::Unnamed(const MappedFile& mapping, uint64_t address) {
  const std::string& path = profile_->String(profile_->mappings()[mapping.id].module);
  std::string name = path.substr(path.rfind('/') + 1);
  if (!name.empty()) name += '+';
  Frame frame;
  frame.name = profile_->InternString(
      '[' + name + Hex(address - mapping.memory_start + mapping.file_offset) + ']');
  return frame;
}

Status Tables::ReadLocation(const ProtoReader& message) {
  uint64_t id = 0;
  uint64_t address = 0;
  const MappedFile* mapping = &mappings_[0];
  lines_.clear();
  Status status = ReadFields(message, [&](ProtoReader& field) {
    if (field.field() == kLocationId) id = field.Uint();
    if (field.field() == kAddress) address = field.Uint();
    if (field.field() == kLine) return ReadLine(field.Message());
    if (field.field() != kLocationMapping) return true;
    const auto it = mappings_.find(field.Uint());
    if (it != mappings_.end()) mapping = &it->second;
    return it != mappings_.end();
  });
  if (!status.ok()) return status;
  if (lines_.empty()) lines_.push_back(nullptr);
  const FrameRun run{frames_.size(), lines_.size()};
  for (size_t i = lines_.size(); i-- > 0;) {
    Frame frame = lines_[i] != nullptr ? *lines_[i] : Unnamed(*mapping, address);
    frame.mapping = mapping->id;
    frame.inlined = i + 1 < lines_.size();
    frames_.push_back(profile_->InternFrame(frame));
  }
  if (id == 0 || !locations_.Add(id, run)) {
    return Damaged("a location whose id is 0 or taken", message.offset());
  }
  const size_t frames = profile_->frames().size() - frames_before_;
  const bool fits = std::max(locations_.size(), frames) <= kMaxPprofEntries;
  return fits ? Status::Ok() : TooMany("locations or frames", kMaxPprofEntries);
}

}  // namespace stacksampler::pprof
