// SPDX-License-Identifier: MIT
#include "sampler/unwind/byte_reader.h"

#include <cstdint>

#include "made_frames.h"
#include "support/catch.h"

namespace stacksampler::unwind {
namespace {

// What an encoding makes of bytes; all of them must be read.
uintptr_t PointerOf(uint8_t encoding, const Bytes& bytes) {
  constexpr uintptr_t kPcBase = 0x1000;
  constexpr uintptr_t kDataBase = 0x2000;
  ByteReader reader = Reader(bytes);
  const uintptr_t pointer = reader.Pointer(encoding, kPcBase, kDataBase);
  CHECK(reader.ok());
  CHECK(reader.empty());
  return pointer;
}

}  // namespace

TEST_CASE("ByteReader: reads pointers of each encoding, from each base") {
  CHECK(PointerOf(dwarf::kPointerAbsolute, Little(0x123456789, 8)) == 0x123456789);
  CHECK(PointerOf(dwarf::kPointerU64, Little(7, 8)) == 7);
  CHECK(PointerOf(dwarf::kPointerS64, Little(UINT64_MAX, 8)) == UINTPTR_MAX);
  CHECK(PointerOf(dwarf::kPointerU32, Little(0xfffffffe, 4)) == 0xfffffffe);
  CHECK(PointerOf(dwarf::kPointerS32, Little(0xfffffffe, 4)) == UINTPTR_MAX - 1);
  CHECK(PointerOf(dwarf::kPointerU16, Little(0xfffe, 2)) == 0xfffe);
  CHECK(PointerOf(dwarf::kPointerS16, Little(0xfffe, 2)) == UINTPTR_MAX - 1);
  CHECK(PointerOf(dwarf::kPointerUleb, {0xfe, 0x01}) == 0xfe);
  CHECK(PointerOf(dwarf::kPointerSleb, {0x7e}) == UINTPTR_MAX - 1);
  CHECK(PointerOf(dwarf::kPointerPcRelative | dwarf::kPointerU16, Little(5, 2)) == 0x1005);
  CHECK(PointerOf(dwarf::kPointerDataRelative | dwarf::kPointerU16, Little(5, 2)) == 0x2005);
}

TEST_CASE("ByteReader: an unknown encoding or base of a pointer fails") {
  const Bytes bytes(16, 1);
  for (const uint8_t encoding : {0x05, 0x08, 0x0f, 0x20, 0x40, 0x50}) {
    CAPTURE(encoding);
    ByteReader reader = Reader(bytes);
    reader.Pointer(encoding, 0, 0);
    CHECK_FALSE(reader.ok());
  }
}

TEST_CASE("ByteReader: what is read past the end is 0, and so is all behind it") {
  for (const uint8_t encoding : {dwarf::kPointerU64, dwarf::kPointerU32, dwarf::kPointerU16}) {
    CAPTURE(encoding);
    const Bytes byte = {1};
    ByteReader reader = Reader(byte);
    CHECK(reader.Pointer(encoding, 0, 0) == 0);
    CHECK_FALSE(reader.ok());
    CHECK(reader.U8() == 0);
  }
  const Bytes endless = {0x81, 0x80};
  ByteReader reader = Reader(endless);
  CHECK(reader.Uleb() == 1);
  CHECK_FALSE(reader.ok());
}

TEST_CASE("ByteReader: takes no more bytes than there are") {
  const Bytes bytes = {1, 2, 3};
  ByteReader reader = Reader(bytes);
  ByteReader two = reader.Take(2);
  CHECK(two.size() == 2);
  CHECK(two.U16() == 0x0201);
  CHECK(two.empty());
  CHECK(reader.U8() == 3);
  CHECK_FALSE(Reader(bytes).Take(4).ok());
  CHECK_FALSE(Reader(bytes).Take(UINT64_MAX).ok());
}

TEST_CASE("ByteReader: of long numbers the first 64 bits count") {
  const Bytes ones = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  CHECK(Reader(ones).Uleb() == UINT64_MAX);
  CHECK(Reader(ones).Sleb() == -1);
  CHECK(Reader({}).Sleb() == 0);
  CHECK(Reader(Bytes{0x3f}).Sleb() == 63);
  CHECK(Reader(Bytes{0x40}).Sleb() == -64);
}

}  // namespace stacksampler::unwind
