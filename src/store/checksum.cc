// SPDX-License-Identifier: MIT
#include "store/checksum.h"

#include <xxhash.h>
#include <zstd.h>

#include <cinttypes>
#include <cstdio>
#include <memory>

#include "base/defence.h"
#include "base/varint.h"

namespace stacksampler::store {
namespace {

// Level 3 is no smaller here, level 19 is 8 % smaller for fifty times the time.
constexpr int kZstdLevel = 1;
// Far above any block that a writer makes; keeps a forged frame from filling the memory.
constexpr uint64_t kMaxBlockBytes = uint64_t{1} << 30;
constexpr size_t kChecksumBytes = 8;

std::string Check(std::string_view text) {
  char line[32];
  const int size = std::snprintf(line, sizeof line, "check %016" PRIx64 "\n", Checksum(text));
  return {line, static_cast<size_t>(size)};
}

// One for each thread that reads: a new one takes fresh memory, which costs more than to unpack a
// block of a few KB does.
ZSTD_DCtx* Unpacker() {
  thread_local std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> unpacker(nullptr,
                                                                             ZSTD_freeDCtx);
  if (!unpacker) unpacker.reset(ZSTD_createDCtx());  // again, where there was no memory before
  return unpacker.get();
}

Status Damaged(const std::string& what) { return {StatusCode::kDataLoss, what}; }

}  // namespace

uint64_t Checksum(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string WithCheck(std::string text) {
  text += Check(text);
  return text;
}

Result<std::string> StripCheck(std::string_view text) {
  const size_t check_bytes = Check({}).size();
  if (text.size() < check_bytes) return Damaged("its check is missing");
  const std::string_view body = text.substr(0, text.size() - check_bytes);
  if (text.substr(body.size()) != Check(body)) return Damaged("its check does not fit");
  return std::string(body);
}

std::string PackBlock(std::string_view key, std::string_view payload) {
  std::string frame(ZSTD_compressBound(payload.size()), '\0');
  const size_t size =
      ZSTD_compress(frame.data(), frame.size(), payload.data(), payload.size(), kZstdLevel);
  frame.resize(size);  // cannot fail: the buffer has the bound's size
  std::string block;
  PutFixed64(&block, Checksum(frame, Checksum(key)));
  return block + frame;
}

Result<std::string> UnpackBlock(std::string_view key, std::string_view block) {
  if (block.size() < kChecksumBytes) return Damaged("it is too short");
  const std::string_view frame = block.substr(kChecksumBytes);
  const bool fits = ByteReader(block).Fixed64() == Checksum(frame, Checksum(key));
  if (!fits && Stands(Defence::kSealedBytes)) {
    return Damaged("its checksum does not fit");
  }
  // The two error values of the call are the two largest numbers.
  const uint64_t size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > kMaxBlockBytes) return Damaged("its size is not believable");
  std::string payload(size, '\0');
  ZSTD_DCtx* const unpacker = Unpacker();
  if (unpacker == nullptr) return Status(StatusCode::kResourceExhausted, "no memory to unpack it");
  const size_t got =
      ZSTD_decompressDCtx(unpacker, payload.data(), payload.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) return Damaged("it does not decompress");
  return payload;
}

}  // namespace stacksampler::store
