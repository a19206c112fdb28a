// SPDX-License-Identifier: MIT
//
// Purpose: DWARF's primitive values, read from bytes that may be corrupt.
// Signal safety: async-signal-safe. Always inlined, so that no object compiled with other options
//   lends its copy to the signal handler.
// Errors: a read past the end yields 0 and leaves the reader !ok() and empty for good.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_BYTE_READER_H_
#define STACKSAMPLER_SAMPLER_UNWIND_BYTE_READER_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/dwarf.h"

namespace stacksampler::unwind {

class ByteReader {
 public:
  [[gnu::always_inline]] ByteReader() = default;
  /// The bytes must outlive the reader.
  [[gnu::always_inline]] ByteReader(const uint8_t* begin, size_t size)
      : cursor_(begin), end_(begin + size) {}

  [[gnu::always_inline]] bool ok() const { return end_ != nullptr; }
  [[gnu::always_inline]] bool empty() const { return cursor_ == end_; }
  [[gnu::always_inline]] size_t size() const { return static_cast<size_t>(end_ - cursor_); }
  /// The next byte, if there is one.
  [[gnu::always_inline]] const uint8_t* cursor() const { return cursor_; }

  [[gnu::always_inline]] uint8_t U8() { return Fixed<uint8_t>(); }
  [[gnu::always_inline]] uint16_t U16() { return Fixed<uint16_t>(); }
  [[gnu::always_inline]] uint32_t U32() { return Fixed<uint32_t>(); }
  [[gnu::always_inline]] uint64_t U64() { return Fixed<uint64_t>(); }

  /// Bits beyond the 64th are dropped.
  [[gnu::always_inline]] uint64_t Uleb() {
    unsigned shift = 0;
    return Leb(&shift);
  }

  [[gnu::always_inline]] int64_t Sleb() {
    unsigned shift = 0;
    const uint64_t bits = Leb(&shift);
    const bool negative = shift > 0 && shift < 64 && (bits >> (shift - 1)) != 0;
    return static_cast<int64_t>(negative ? bits | ~uint64_t{0} << shift : bits);
  }

  /// The next `count` bytes as a reader of their own; skips them here.
  [[gnu::always_inline]] ByteReader Take(uint64_t count) {
    if (count > size()) Fail();
    if (!ok()) return ByteReader();
    ByteReader taken = *this;
    cursor_ += count;
    taken.end_ = cursor_;
    return taken;
  }

  /// A pointer in one of .eh_frame's encodings. What is pc-relative counts from `pc_base`, where
  /// the next byte is loaded in the process; what is data-relative from `data_base`.
  [[gnu::always_inline]] uintptr_t Pointer(uint8_t encoding, uintptr_t pc_base,
                                           uintptr_t data_base) {
    uintptr_t base = 0;
    switch (encoding & dwarf::kPointerBaseMask) {
      case dwarf::kPointerAbsolute:
        break;
      case dwarf::kPointerPcRelative:
        base = pc_base;
        break;
      case dwarf::kPointerDataRelative:
        base = data_base;
        break;
      default:
        Fail();
    }
    return base + PointerOffset(encoding);
  }

 private:
  [[gnu::always_inline]] void Fail() { cursor_ = end_ = nullptr; }

  template <typename T>
  [[gnu::always_inline]] T Fixed() {
    T value = 0;
    if (size() < sizeof(T)) {
      Fail();
      return value;
    }
    __builtin_memcpy(&value, cursor_, sizeof(T));
    cursor_ += sizeof(T);
    return value;
  }

  [[gnu::always_inline]] uint64_t Leb(unsigned* shift) {
    uint64_t value = 0;
    uint8_t byte = 0x80;
    while ((byte & 0x80) != 0 && ok()) {
      byte = U8();
      if (*shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << *shift;
      *shift += 7;
    }
    return value;
  }

  [[gnu::always_inline]] uintptr_t PointerOffset(uint8_t encoding) {
    switch (encoding & dwarf::kPointerFormatMask) {
      case dwarf::kPointerAbsolute:
      case dwarf::kPointerU64:
      case dwarf::kPointerS64:
        return U64();
      case dwarf::kPointerU32:
        return U32();
      case dwarf::kPointerS32:
        return static_cast<uintptr_t>(static_cast<int32_t>(U32()));
      case dwarf::kPointerU16:
        return U16();
      case dwarf::kPointerS16:
        return static_cast<uintptr_t>(static_cast<int16_t>(U16()));
      case dwarf::kPointerUleb:
        return Uleb();
      case dwarf::kPointerSleb:
        return static_cast<uintptr_t>(Sleb());
      default:
        Fail();
        return 0;
    }
  }

  const uint8_t* cursor_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_BYTE_READER_H_
