// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include <vector>

#include "base/stored_gzip.h"
#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("Gzip: what was packed unpacks to the same bytes") {
  for (const size_t size : {0, 1, 65535, 65536, 300000}) {
    const std::string text(size, 'x');
    const auto back = GzipDecompress(GzipCompress(text), size);
    REQUIRE(back.ok());
    CHECK(*back == text);
  }
}

TEST_CASE("GzipStored: zlib unpacks it to the same bytes, and its checksum is checked") {
  std::string text;
  for (int i = 0; i < 70000; ++i) text += static_cast<char>(i * 7 + i / 256);
  for (const size_t size : {0, 1, 65535, 65536, 70000}) {
    const auto back = GzipDecompress(GzipStored(text.substr(0, size)), size);
    REQUIRE(back.ok());
    CHECK(*back == text.substr(0, size));
  }
  std::string damaged = GzipStored(text);
  damaged[100] ^= 1;
  CHECK_FALSE(GzipDecompress(damaged, text.size()).ok());
}

TEST_CASE("Gzip: stops at the bound, whatever the bomb promises") {
  const std::vector<char> zeros(10'000'000);
  const std::string bomb = GzipCompress({zeros.data(), zeros.size()});
  const auto back = GzipDecompress(bomb, 1000);
  REQUIRE_FALSE(back.ok());
  CHECK(back.status().code() == StatusCode::kResourceExhausted);
}

TEST_CASE("Gzip: a cut or damaged stream is data loss") {
  const std::string packed = GzipCompress("hello, profile");
  for (size_t length = 0; length < packed.size(); ++length) {
    const auto back = GzipDecompress(packed.substr(0, length), 1000);
    REQUIRE_FALSE(back.ok());
    CHECK(back.status().code() == StatusCode::kDataLoss);
  }
  CHECK_FALSE(GzipDecompress("not gzip at all", 1000).ok());
}

TEST_CASE("Gzip: a stream that is cut off where what it unpacked fills a piece is data loss") {
  const std::string text(64 << 10, 'x');
  const std::string packed = GzipCompress(text);
  for (size_t length = 0; length < packed.size(); ++length) {
    CHECK_FALSE(GzipDecompress(packed.substr(0, length), text.size()).ok());
  }
}

TEST_CASE("Gzip: is known by its first two bytes") {
  CHECK(LooksGzipped(GzipCompress("")));
  for (const char* other : {"", "\x1f", "\x1f\x8c", "\x8b\x1f", "f 1"})
    CHECK_FALSE(LooksGzipped(other));
}

}  // namespace
}  // namespace stacksampler
