// SPDX-License-Identifier: MIT
#include "base/stored_gzip.h"

#include <array>
#include <cstdint>

namespace stacksampler {
namespace {

constexpr size_t kMaxBlockBytes = 65535;
// Magic, deflate, no flags, no time, no hint, unknown system.
constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);

void AppendLittleEndian(uint32_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) *out += static_cast<char>(value >> (8 * i));
}

std::array<uint32_t, 256> CrcTable() {
  constexpr uint32_t kPolynomial = 0xedb88320;
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ (table[i] & 1) * kPolynomial;
  }
  return table;
}

uint32_t Crc32(std::string_view bytes) {
  const std::array<uint32_t, 256> table = CrcTable();
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

}  // namespace

std::string GzipStored(std::string_view bytes) {
  std::string out(kHeader);
  std::string_view rest = bytes;
  do {
    const std::string_view block = rest.substr(0, kMaxBlockBytes);
    rest.remove_prefix(block.size());
    const auto length = static_cast<uint32_t>(block.size());
    out += rest.empty() ? '\1' : '\0';  // the last block; stored
    AppendLittleEndian(length, 2, &out);
    AppendLittleEndian(~length, 2, &out);
    out += block;
  } while (!rest.empty());
  AppendLittleEndian(Crc32(bytes), 4, &out);
  AppendLittleEndian(static_cast<uint32_t>(bytes.size()), 4, &out);
  return out;
}

}  // namespace stacksampler
