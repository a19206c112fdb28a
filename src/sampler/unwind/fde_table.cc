// SPDX-License-Identifier: MIT
#include "sampler/unwind/fde_table.h"

namespace stacksampler::unwind {
namespace {

constexpr uint8_t kHeaderVersion = 1;
constexpr uint8_t kTableEncoding = dwarf::kPointerDataRelative | dwarf::kPointerS32;
constexpr uint32_t kExtendedLength = 0xffffffff;

}  // namespace

ByteReader UnwindImage::From(uintptr_t at) const {
  if (at < address || at - address >= size) return ByteReader();
  return ByteReader(bytes + (at - address), size - (at - address));
}

bool FdeTable::Open(uintptr_t* frames) {
  ByteReader reader = image_.From(image_.header);
  const uint8_t version = reader.U8();
  const uint8_t frames_encoding = reader.U8();
  const uint8_t count_encoding = reader.U8();
  const uint8_t table_encoding = reader.U8();
  if (version != kHeaderVersion || table_encoding != kTableEncoding) return false;
  const uintptr_t begin =
      reader.Pointer(frames_encoding, image_.AddressOf(reader.cursor()), image_.header);
  if (frames != nullptr) *frames = begin;
  size_ = reader.Pointer(count_encoding, image_.AddressOf(reader.cursor()), image_.header);
  if (!reader.ok() || size_ > reader.size() / kEntryBytes) return false;
  entries_ = reader.cursor();
  return true;
}

bool FdeTable::Find(uintptr_t pc, size_t* i) const {
  if (size_ == 0 || FunctionBegin(0) > pc) return false;
  size_t first = 0;
  for (size_t count = size_; count > 1;) {
    const size_t half = count / 2;
    if (FunctionBegin(first + half) <= pc) first += half;
    count -= half;
  }
  *i = first;
  return true;
}

bool FdeTable::Read(size_t i, Cie* cie, Fde* fde) const {
  ByteReader entry = image_.From(FdeAddress(i));
  uint64_t length = entry.U32();
  if (length == kExtendedLength) length = entry.U64();
  fde->program = entry.Take(length);
  const uintptr_t from = image_.AddressOf(fde->program.cursor());
  const uint32_t distance_to_cie = fde->program.U32();
  if (!fde->program.ok() || distance_to_cie == 0) return false;
  return ParseCie(image_.From(from - distance_to_cie), cie) && ReadRange(*cie, fde);
}

// fde->program begins behind the pointer to the CIE; moves it on to the instructions.
bool FdeTable::ReadRange(const Cie& cie, Fde* fde) const {
  ByteReader* body = &fde->program;
  const uint8_t length_encoding = cie.pointer_encoding & dwarf::kPointerFormatMask;
  fde->begin = body->Pointer(cie.pointer_encoding, image_.AddressOf(body->cursor()), image_.header);
  fde->end = fde->begin + body->Pointer(length_encoding, 0, 0);
  if (cie.has_augmentation_data) body->Take(body->Uleb());
  return body->ok() && fde->begin < fde->end;
}

uintptr_t FdeTable::Offset(size_t byte) const {
  int32_t offset = 0;
  __builtin_memcpy(&offset, entries_ + byte, sizeof offset);
  return image_.header + static_cast<uintptr_t>(static_cast<intptr_t>(offset));
}

}  // namespace stacksampler::unwind
