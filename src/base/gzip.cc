// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include <zlib.h>

#include <array>

namespace stacksampler {
namespace {

constexpr int kGzipWindowBits = 15 + 16;
constexpr size_t kChunkBytes = 64 << 10;
// Deflate packs a thousand bytes into one at best. What is longer is first unpacked into nothing:
// a bomb is known before it takes memory, and what is none takes no more than it needs.
constexpr size_t kSurelySmallBytes = 16 << 10;

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
  std::string out;
  if (bytes.size() > kSurelySmallBytes) {
    size_t unpacked = 0;
    const Status status =
        Unpack(bytes, max_bytes, [&](const char*, size_t count) { unpacked += count; });
    if (!status.ok()) return status;
    out.reserve(unpacked);
  }
  const Status status =
      Unpack(bytes, max_bytes, [&](const char* chunk, size_t count) { out.append(chunk, count); });
  if (!status.ok()) return status;
  return out;
}

}  // namespace stacksampler
