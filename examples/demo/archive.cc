// SPDX-License-Identifier: MIT
#include <zstd.h>

#include <stdexcept>
#include <string>

#include "demo/handlers.h"

namespace demo {
namespace {

constexpr int kLevel = 9;
constexpr size_t kLines = 24000;

std::string LogLines(uint32_t seed) {
  std::string text;
  for (size_t i = 0; i < kLines; ++i) {
    seed = seed * 1664525 + 1013904223;
    text += "GET /product/" + std::to_string(seed % 400) + " 200 " + std::to_string(seed >> 20) +
            "us\n";
  }
  return text;
}

}  // namespace

[[gnu::noinline]] size_t HandleArchive(uint32_t seed) {
  const std::string text = LogLines(seed);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kLevel);
  std::string back(text.size(), '\0');
  if (ZSTD_isError(size) ||
      ZSTD_decompress(back.data(), back.size(), packed.data(), size) != text.size() ||
      back != text) {
    throw std::runtime_error("zstd: the archive does not unpack to what was packed");
  }
  return size;
}

}  // namespace demo
