// SPDX-License-Identifier: MIT
#include "base/varint.h"

#include "support/catch.h"

namespace stacksampler {

TEST_CASE("Varint: every length reads back, and every prefix fails") {
  for (int bits = 0; bits <= 64; ++bits) {
    const uint64_t value = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - (bits % 2);
    std::string bytes;
    PutVarint(&bytes, value);
    ByteReader whole(bytes);
    CHECK(whole.Varint() == value);
    CHECK(whole.done());
    for (size_t size = 0; size < bytes.size(); ++size) {
      ByteReader part(std::string_view(bytes).substr(0, size));
      CHECK(part.Varint() == 0);
      CHECK_FALSE(part.ok());
    }
  }
}

TEST_CASE("Varint: more than 64 bits fail") {
  const std::string ten_ff(10, '\xff');
  ByteReader reader(ten_ff);
  CHECK(reader.Varint() == 0);
  CHECK_FALSE(reader.ok());
}

TEST_CASE("ByteReader: texts and fixed integers read back") {
  std::string bytes;
  PutText(&bytes, "two words");
  PutFixed32(&bytes, 0x01020304);
  PutFixed64(&bytes, 0x0102030405060708);
  CHECK(bytes[10] == 4);  // little-endian
  ByteReader reader(bytes);
  CHECK(reader.Text() == "two words");
  CHECK(reader.Fixed32() == 0x01020304);
  CHECK(reader.Fixed64() == 0x0102030405060708);
  CHECK(reader.done());
}

TEST_CASE("ByteReader: a count or a text longer than what is left fails, for good") {
  std::string bytes;
  PutVarint(&bytes, 5);
  bytes += "1234";
  ByteReader text(bytes);
  CHECK(text.Text().empty());
  CHECK_FALSE(text.ok());
  CHECK(text.remaining() == 0);
  CHECK(text.Raw(1).empty());
  ByteReader limited(bytes);
  CHECK(limited.VarintBelow(5) == 0);
  CHECK_FALSE(limited.ok());
}

}  // namespace stacksampler
