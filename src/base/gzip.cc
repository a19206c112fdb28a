// SPDX-License-Identifier: MIT
#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>

namespace stacksampler {
namespace {

constexpr int kGzipWindowBits = 15 + 16;
constexpr size_t kChunkBytes = 64 << 10;

Bytef* AsInput(std::string_view bytes) {
  return const_cast<Bytef*>(
      reinterpret_cast<const Bytef*>(bytes.data()));  // zlib's next_in is not const
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
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK)
    return Status(StatusCode::kResourceExhausted, "gzip: no memory");
  stream.next_in = AsInput(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  Status status;
  for (;;) {
    const size_t used = out.size();
    // One byte beyond the bound tells "exactly full" from "too large".
    const size_t room = std::min(kChunkBytes, max_bytes + 1 - used);
    out.resize(used + room);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.resize(used + room - stream.avail_out);
    if (out.size() > max_bytes) {
      status = {StatusCode::kResourceExhausted,
                "gzip: more than " + std::to_string(max_bytes) + " bytes when unpacked"};
      break;
    }
    if (code == Z_STREAM_END) break;
    if (code != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      status = {StatusCode::kDataLoss,
                "gzip: damaged or cut off at byte " + std::to_string(stream.total_in)};
      break;
    }
  }
  inflateEnd(&stream);
  if (!status.ok()) return status;
  return out;
}

}  // namespace stacksampler
