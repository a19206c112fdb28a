// SPDX-License-Identifier: MIT
#include "profile/proto_wire.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("ProtoWriter: the encoding guide's examples, byte for byte") {
  ProtoWriter writer;
  writer.Uint(1, 150);
  writer.Bytes(2, "testing");
  writer.PackedUints(6, {3, 270, 86942});
  CHECK(writer.bytes() == "\x08\x96\x01\x12\x07testing\x32\x06\x03\x8e\x02\x9e\xa7\x05");
}

TEST_CASE("ProtoReader: reads every wire type and the largest numbers") {
  ProtoWriter writer;
  writer.Uint(1, UINT64_MAX);
  writer.Int(2, -1);
  std::string bytes = writer.Take();
  bytes += std::string("\x19\x01\x00\x00\x00\x00\x00\x00\x80\x25\x02\x00\x00\x00", 14);
  ProtoReader reader(bytes);
  REQUIRE(reader.Next());
  CHECK(reader.Uint() == UINT64_MAX);
  REQUIRE(reader.Next());
  CHECK(reader.Int() == -1);
  REQUIRE(reader.Next());
  CHECK(reader.Uint() == 0x8000000000000001);
  REQUIRE(reader.Next());
  CHECK(reader.field() == 4);
  CHECK(reader.Uint() == 2);
  CHECK_FALSE(reader.Next());
  CHECK_FALSE(reader.failed());
}

TEST_CASE("ProtoReader: takes repeated numbers packed and one by one") {
  const std::string bytes("\x08\x05\x0a\x02\x06\x07", 6);
  ProtoReader reader(bytes);
  std::vector<uint64_t> values;
  while (reader.Next()) REQUIRE(reader.Uints(&values));
  CHECK(values == std::vector<uint64_t>{5, 6, 7});
}

TEST_CASE("ProtoReader: stops at what is malformed and tells where") {
  const std::string good("\x08\x01", 2);
  // A payload longer than the rest, an endless varint, a group, field 0, a cut tag.
  for (const std::string& bad :
       {std::string("\x12\x05zz"), std::string("\x08") + std::string(11, '\xff'),
        std::string("\x0b"), std::string("\x00\x01", 2), std::string("\x80")}) {
    const std::string bytes = good + bad;
    ProtoReader reader(bytes);
    CHECK(reader.Next());
    CHECK_FALSE(reader.Next());
    CHECK(reader.failed());
    CHECK(reader.offset() > good.size());
    CHECK_FALSE(reader.Next());
  }
}

TEST_CASE("ProtoReader: offsets in a nested message count from the whole's begin") {
  const std::string bytes("\x08\x01\x12\x01\x80", 5);
  ProtoReader reader(bytes);
  REQUIRE(reader.Next());
  REQUIRE(reader.Next());
  ProtoReader inner = reader.Message();
  CHECK(inner.offset() == 4);
  CHECK_FALSE(inner.Next());
  CHECK(inner.offset() == 5);
}

}  // namespace
}  // namespace stacksampler
