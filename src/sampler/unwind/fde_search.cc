// SPDX-License-Identifier: MIT
#include "sampler/unwind/fde_search.h"

namespace stacksampler::unwind {
namespace {

struct Header {
  uint8_t version;
  uint8_t pointer_encoding;
  uint8_t count_encoding;
  uint8_t table_encoding;
  int32_t pointer;
  uint32_t count;
};

struct Entry {
  int32_t start;  // from the header on
  int32_t fde;
};

constexpr uint8_t kUnsigned4 = 0x03;
constexpr uint8_t kFromHeaderSigned4 = 0x3b;

}  // namespace

std::optional<FdeRange> FindFde(const StackCopy& memory, uintptr_t header, uintptr_t pc) {
  Header head{};
  if (header == 0 || !memory.Read(header, &head, sizeof head)) return {};
  if (head.count_encoding != kUnsigned4 || head.table_encoding != kFromHeaderSigned4) return {};
  FdeRange range{0, UINTPTR_MAX};
  uint32_t first = 0;
  for (uint32_t end = head.count; first < end;) {
    const uint32_t middle = first + (end - first) / 2;
    Entry entry{};
    if (!memory.Read(header + sizeof head + sizeof entry * middle, &entry, sizeof entry)) return {};
    const uintptr_t begin = header + static_cast<uintptr_t>(intptr_t{entry.start});
    if (begin > pc) {
      end = middle;
      range.end = begin;
    } else {
      first = middle + 1;
      range.begin = begin;
    }
  }
  return first == 0 ? std::nullopt : std::optional(range);
}

}  // namespace stacksampler::unwind
