// SPDX-License-Identifier: MIT
//
// Purpose: integers and texts as bytes, and back with every read checked against the end.
// Shapes: a varint is LEB128 (7 bits a byte, lowest first, at most 10 bytes); a text is its length
//   as a varint, then its bytes; fixed integers are little-endian whatever the machine.
// Thread safety: values.
// Errors: a ByteReader that met a bad byte stays failed: it gives zeros and empty texts, and ok()
//   is false. Callers check once, at the end.
#ifndef STACKSAMPLER_BASE_VARINT_H_
#define STACKSAMPLER_BASE_VARINT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stacksampler {

inline void PutVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

inline void PutText(std::string* out, std::string_view text) {
  PutVarint(out, text.size());
  out->append(text);
}

inline void PutFixed32(std::string* out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

inline void PutFixed64(std::string* out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

/// Reads `bytes`, which must outlive it and every view that it hands out.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Varint() {
    if (at_ < bytes_.size() && static_cast<uint8_t>(bytes_[at_]) < 0x80) {  // mostly
      return static_cast<uint8_t>(bytes_[at_++]);
    }
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      if (shift == 63 && byte > 1) break;  // past 64 bits
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }

  /// A varint that has to be below `limit`: an id into a table, a flag, a part of a whole.
  uint64_t VarintBelow(uint64_t limit) {
    const uint64_t value = Varint();
    return value < limit ? value : Fail();
  }
  /// The same for 32 bits. REQUIRES: limit <= 2^32.
  uint32_t IdBelow(uint64_t limit) { return static_cast<uint32_t>(VarintBelow(limit)); }

  /// A varint that has to fit an int64_t that is not negative: a time, a weight.
  int64_t Int63() { return static_cast<int64_t>(VarintBelow(uint64_t{1} << 63)); }

  /// How many elements follow; each takes at least a byte, so that a lie cannot make callers
  /// reserve the machine's memory.
  size_t Count() {
    const uint64_t count = Varint();
    return count <= remaining() ? count : Fail();
  }

  std::string_view Raw(size_t size) {
    if (size > remaining()) {
      Fail();
      return {};
    }
    const std::string_view raw = bytes_.substr(at_, size);
    at_ += size;
    return raw;
  }

  std::string_view Text() { return Raw(Count()); }

  uint64_t Fixed64() { return Fixed(8); }
  uint32_t Fixed32() { return static_cast<uint32_t>(Fixed(4)); }

  /// Fails for good: what was read makes no sense to the caller.
  uint64_t Fail() {
    ok_ = false;
    at_ = bytes_.size();
    return 0;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t remaining() const { return bytes_.size() - at_; }
  /// Everything was read, and all of it was good.
  [[nodiscard]] bool done() const { return ok_ && remaining() == 0; }

 private:
  uint64_t Fixed(size_t size) {
    const std::string_view raw = Raw(size);
    uint64_t value = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      value |= uint64_t{static_cast<uint8_t>(raw[i])} << (8 * i);
    }
    return value;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_VARINT_H_
