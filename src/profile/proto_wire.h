// SPDX-License-Identifier: MIT
//
// Purpose: the wire form of Protocol Buffers, without a schema: tags, varints, length-delimited
//   fields.
// Thread safety: none; one thread per object.
// Signal safety: none.
// Errors: the reader stops at the first malformed byte and tells its offset; every call costs at
//   most what it consumes.
// Source: https://protobuf.dev/programming-guides/encoding/
#ifndef STACKSAMPLER_PROFILE_PROTO_WIRE_H_
#define STACKSAMPLER_PROFILE_PROTO_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stacksampler {

class ProtoWriter {
 public:
  /// Default values are left out, as proto3 does.
  void Uint(uint32_t field, uint64_t value);
  void Int(uint32_t field, int64_t value) { Uint(field, static_cast<uint64_t>(value)); }
  /// Written even when empty: in a repeated field the position counts.
  void Bytes(uint32_t field, std::string_view bytes);
  void Message(uint32_t field, const ProtoWriter& message) { Bytes(field, message.bytes_); }
  void PackedUints(uint32_t field, const std::vector<uint64_t>& values);
  /// Fields written before, one after another.
  void Append(const ProtoWriter& fields) { bytes_ += fields.bytes_; }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  void Varint(uint64_t value);

  std::string bytes_;
};

class ProtoReader {
 public:
  /// `offset` is where `bytes` begins in the whole. `bytes` must outlive the reader.
  explicit ProtoReader(std::string_view bytes, size_t offset = 0) : bytes_(bytes), base_(offset) {}

  /// Moves to the next field; false at the end and after an error.
  bool Next();
  [[nodiscard]] uint32_t field() const { return field_; }
  /// Value of a varint or fixed-width field, 0 for a length-delimited one.
  [[nodiscard]] uint64_t Uint() const { return value_; }
  [[nodiscard]] int64_t Int() const { return static_cast<int64_t>(value_); }
  /// Bytes of a length-delimited field, "" for others.
  [[nodiscard]] std::string_view Bytes() const { return payload_; }
  /// The message in this field.
  [[nodiscard]] ProtoReader Message() const { return ProtoReader(payload_, payload_offset_); }
  /// Appends this field's numbers, packed or not; false (and failed()) when they are malformed.
  bool Uints(std::vector<uint64_t>* values);

  [[nodiscard]] bool failed() const { return failed_; }
  /// Where the reader stands in the whole: after an error, the malformed place.
  [[nodiscard]] size_t offset() const { return base_ + position_; }

 private:
  bool ReadVarint(uint64_t* value);
  bool ReadFixed(size_t width);
  bool ReadPayload();
  bool ReadValue(uint32_t wire_type);

  std::string_view bytes_;
  size_t base_;
  size_t position_ = 0;
  bool failed_ = false;
  bool delimited_ = false;
  uint32_t field_ = 0;
  uint64_t value_ = 0;
  std::string_view payload_;
  size_t payload_offset_ = 0;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_PROTO_WIRE_H_
