// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace stacksampler {
namespace {

constexpr int kGzipWindowBits = 15 + 16;
constexpr size_t kChunkBytes = 64 << 10;
// Deflate packs a thousand bytes into one at best. What is longer is believed the size that it
// tells, up to so much; of what tells more, or lies, the bytes are counted before any is kept: a
// bomb is known before it takes memory, and what is none takes no more than it needs.
constexpr size_t kSurelySmallBytes = 16 << 10;
constexpr size_t kBelievedBytes = 16 << 20;

Bytef* AsInput(std::string_view bytes) {
  return const_cast<Bytef*>(
      reinterpret_cast<const Bytef*>(bytes.data()));  // zlib's next_in is not const
}

// Gives each piece to `take`; more than max_bytes in all are an error.
template <typename Take>
Status Unpack(std::string_view bytes, size_t max_bytes, Take take) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) {
    return {StatusCode::kResourceExhausted, "gzip: no memory"};
  }
  stream.next_in = AsInput(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::array<char, kChunkBytes> chunk;
  Status status;
  for (int code = Z_OK; code != Z_STREAM_END && status.ok();) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = kChunkBytes;
    code = inflate(&stream, Z_NO_FLUSH);
    const size_t count = kChunkBytes - stream.avail_out;
    if (stream.total_out > max_bytes) {
      status = {StatusCode::kResourceExhausted,
                "gzip: more than " + std::to_string(max_bytes) + " bytes when unpacked"};
    } else if ((code != Z_OK && code != Z_STREAM_END) ||
               (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
      status = {StatusCode::kDataLoss,
                "gzip: damaged or cut off at byte " + std::to_string(stream.total_in)};
    } else {
      take(chunk.data(), count);
    }
  }
  inflateEnd(&stream);
  return status;
}

Result<std::string> UnpackInto(std::string_view bytes, size_t expected_bytes, size_t max_bytes) {
  std::string out;
  out.reserve(expected_bytes);
  const Status status =
      Unpack(bytes, max_bytes, [&](const char* chunk, size_t count) { out.append(chunk, count); });
  if (!status.ok()) return status;
  return out;
}

// The last four bytes, modulo 2^32. Bytes behind the stream are read past, and then these are not
// its own.
size_t ToldBytes(std::string_view bytes) {
  size_t told = 0;
  for (size_t i = 1; i <= 4; ++i) {
    told = told << 8 | static_cast<unsigned char>(bytes[bytes.size() - i]);
  }
  return told;
}

}  // namespace

bool LooksGzipped(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

std::string GzipCompress(std::string_view bytes, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = AsInput(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> GzipDecompress(std::string_view bytes, size_t max_bytes) {
  if (bytes.size() <= kSurelySmallBytes) return UnpackInto(bytes, 0, max_bytes);
  if (const size_t told = ToldBytes(bytes); told <= std::min(max_bytes, kBelievedBytes)) {
    Result<std::string> out = UnpackInto(bytes, told, told);
    const bool is_longer = !out.ok() && out.status().code() == StatusCode::kResourceExhausted;
    if (!is_longer) return out;
  }
  size_t unpacked = 0;
  const Status status =
      Unpack(bytes, max_bytes, [&](const char*, size_t count) { unpacked += count; });
  if (!status.ok()) return status;
  return UnpackInto(bytes, unpacked, max_bytes);
}

}  // namespace stacksampler
