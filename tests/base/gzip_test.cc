// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include <dlfcn.h>
#include <zlib.h>

#include <random>
#include <vector>

#include "base/stored_gzip.h"
#include "support/catch.h"

// Stands before zlib's own, and counts how often something begins to be unpacked.
static int begun_streams = 0;
extern "C" int inflateInit2_(z_streamp stream, int bits, const char* version, int size) {
  using Init = int (*)(z_streamp, int, const char*, int);
  static const auto own = reinterpret_cast<Init>(dlsym(RTLD_NEXT, "inflateInit2_"));
  ++begun_streams;
  return own(stream, bits, version, size);
}

namespace stacksampler {
namespace {

// Does not pack well: 300,000 of them are some 200,000.
std::string Digits(size_t size) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same text each time
  std::string text(size, '0');
  for (char& digit : text) digit = static_cast<char>('0' + random() % 10);
  return text;
}

int StreamsOf(const std::string& packed, size_t max_bytes, const std::string& text) {
  begun_streams = 0;
  const auto back = GzipDecompress(packed, max_bytes);
  REQUIRE(back.ok());
  CHECK(*back == text);
  return begun_streams;
}

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

TEST_CASE("Gzip: what tells its size truly is unpacked once") {
  const std::string text = Digits(300'000);
  CHECK(StreamsOf(GzipCompress(text), text.size(), text) == 1);
  CHECK(StreamsOf(GzipCompress("short"), 5, "short") == 1);
}

TEST_CASE("Gzip: what stands behind the stream changes nothing, though it is taken for the size") {
  const std::string text = Digits(300'000);
  const std::string packed = GzipCompress(text);
  for (const std::string& tail : {std::string(4, '\0'), std::string(4, '\xff'), packed}) {
    CHECK(StreamsOf(packed + tail, text.size(), text) <= 3);
  }
}

TEST_CASE("Gzip: a bomb that tells a small size is stopped at the bound") {
  const std::vector<char> zeros(40'000'000);
  std::string bomb = GzipCompress({zeros.data(), zeros.size()});
  REQUIRE(bomb.size() > 16'384);
  bomb.replace(bomb.size() - 4, 4, std::string("\0\4\0\0", 4));
  const auto back = GzipDecompress(bomb, 1'000'000);
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
