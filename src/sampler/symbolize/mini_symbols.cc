// SPDX-License-Identifier: MIT
#include "sampler/symbolize/mini_symbols.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sampler/symbolize/optional_library.h"

namespace stacksampler::symbolize {
namespace {

constexpr char kLibrary[] = "liblzma.so.5";
constexpr size_t kFirstBytes = size_t{256} << 10;
constexpr int kOk = 0;           // LZMA_OK
constexpr int kBufferFull = 10;  // LZMA_BUF_ERROR

// lzma_stream_buffer_decode(memory limit, flags, allocator, in, in_pos, in_size, out, out_pos,
// out_size), declared here so that no header of liblzma is needed.
using Decode = int (*)(uint64_t*, uint32_t, const void*, const uint8_t*, size_t*, size_t, uint8_t*,
                       size_t*, size_t);

Decode OpenDecoder() {
  static const Decode kDecode = [] {
    Decode decode = nullptr;
    OptionalLibrary(kLibrary).Find("lzma_stream_buffer_decode", &decode);
    return decode;
  }();
  return kDecode;
}

// "" when it cannot be unpacked.
std::string Unpack(Decode decode, std::string_view packed) {
  for (size_t size = kFirstBytes; size <= kMaxMiniSymbolBytes; size *= 4) {
    if (size < packed.size()) continue;
    std::string unpacked(size, '\0');
    uint64_t memory_limit = kMaxMiniSymbolBytes;
    size_t read = 0;
    size_t written = 0;
    const int result =
        decode(&memory_limit, 0, nullptr, reinterpret_cast<const uint8_t*>(packed.data()), &read,
               packed.size(), reinterpret_cast<uint8_t*>(unpacked.data()), &written, size);
    if (result == kBufferFull) continue;
    unpacked.resize(result == kOk ? written : 0);
    return unpacked;
  }
  return "";
}

}  // namespace

std::unique_ptr<ElfFile> OpenMiniSymbols(const ElfFile& file) {
  const Elf64_Shdr* section = file.FindSection(".gnu_debugdata");
  const std::string_view packed = section != nullptr ? file.SectionBytes(*section) : "";
  const Decode decode = packed.empty() ? nullptr : OpenDecoder();
  if (decode == nullptr) return nullptr;
  std::string unpacked = Unpack(decode, packed);
  return unpacked.empty() ? nullptr : ElfFile::OfBytes(std::move(unpacked));
}

}  // namespace stacksampler::symbolize
