// SPDX-License-Identifier: MIT
#include "profile/proto_wire.h"

namespace stacksampler {
namespace {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

constexpr int kMaxVarintBits = 64;
constexpr uint64_t kMaxFieldNumber = (uint64_t{1} << 29) - 1;

}  // namespace

void ProtoWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void ProtoWriter::Uint(uint32_t field, uint64_t value) {
  if (value == 0) return;
  Varint(uint64_t{field} << 3 | kVarint);
  Varint(value);
}

void ProtoWriter::Bytes(uint32_t field, std::string_view bytes) {
  Varint(uint64_t{field} << 3 | kDelimited);
  Varint(bytes.size());
  bytes_ += bytes;
}

void ProtoWriter::PackedUints(uint32_t field, const std::vector<uint64_t>& values) {
  if (values.empty()) return;
  ProtoWriter packed;
  for (const uint64_t value : values) packed.Varint(value);
  Message(field, packed);
}

bool ProtoReader::ReadVarint(uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < kMaxVarintBits && position_ < bytes_.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_[position_++]);
    *value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool ProtoReader::ReadFixed(size_t width) {
  if (bytes_.size() - position_ < width) return false;
  for (size_t i = 0; i < width; ++i) {
    value_ |= uint64_t{static_cast<unsigned char>(bytes_[position_++])} << (8 * i);
  }
  return true;
}

bool ProtoReader::ReadPayload() {
  uint64_t size = 0;
  if (!ReadVarint(&size) || size > bytes_.size() - position_) return false;
  delimited_ = true;
  payload_offset_ = offset();
  payload_ = bytes_.substr(position_, size);
  position_ += size;
  return true;
}

bool ProtoReader::ReadValue(uint32_t wire_type) {
  switch (wire_type) {
    case kVarint:
      return ReadVarint(&value_);
    case kFixed64:
      return ReadFixed(8);
    case kFixed32:
      return ReadFixed(4);
    case kDelimited:
      return ReadPayload();
    default:
      return false;
  }
}

bool ProtoReader::Next() {
  if (failed_ || position_ == bytes_.size()) return false;
  value_ = 0;
  payload_ = {};
  delimited_ = false;
  uint64_t tag = 0;
  failed_ = !ReadVarint(&tag) || tag >> 3 == 0 || tag >> 3 > kMaxFieldNumber ||
            !ReadValue(static_cast<uint32_t>(tag & 7));
  field_ = static_cast<uint32_t>(tag >> 3);
  return !failed_;
}

bool ProtoReader::Uints(std::vector<uint64_t>* values) {
  if (!delimited_) {
    values->push_back(value_);
    return true;
  }
  ProtoReader packed(payload_, payload_offset_);
  while (packed.position_ < payload_.size()) {
    uint64_t value = 0;
    if (!packed.ReadVarint(&value)) {
      failed_ = true;
      return false;
    }
    values->push_back(value);
  }
  return true;
}

}  // namespace stacksampler
