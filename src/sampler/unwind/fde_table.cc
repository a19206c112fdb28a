// SPDX-License-Identifier: MIT
#include "sampler/unwind/fde_table.h"

namespace stacksampler::unwind {
namespace {

constexpr uint8_t kHeaderVersion = 1;
constexpr uint8_t kTableEncoding = dwarf::kPointerDataRelative | dwarf::kPointerS32;
constexpr uint32_t kExtendedLength = 0xffffffff;

// fde->program holds what follows the CIE pointer; moves it on to the program.
bool ReadRange(uintptr_t header, const Cie& cie, Fde* fde) {
  ByteReader* body = &fde->program;
  fde->begin = body->Pointer(cie.pointer_encoding, header);
  fde->end = fde->begin + body->Pointer(cie.pointer_encoding & dwarf::kPointerFormatMask, header);
  if (cie.has_augmentation_data) body->Take(body->Uleb());
  return body->ok() && fde->begin < fde->end;
}

}  // namespace

ByteReader UnwindImage::From(uintptr_t at) const {
  if (at < address || at - address >= size) return ByteReader();
  return ByteReader(bytes + (at - address), size - (at - address), at);
}

bool FdeTable::Open(const UnwindImage& image) {
  ByteReader reader = image.From(image.header);
  const uint8_t version = reader.U8();
  const uint8_t frames_encoding = reader.U8();
  const uint8_t count_encoding = reader.U8();
  const uint8_t table_encoding = reader.U8();
  if (version != kHeaderVersion || table_encoding != kTableEncoding) return false;
  frames_ = reader.Pointer(frames_encoding, image.header);
  size_ = reader.Pointer(count_encoding, image.header);
  if (!reader.ok() || size_ > reader.size() / kEntryBytes) return false;
  image_ = &image;
  entries_ = image.bytes + (reader.address() - image.address);
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
  ByteReader entry = image_->From(FdeAddress(i));
  uint64_t length = entry.U32();
  if (length == kExtendedLength) length = entry.U64();
  fde->program = entry.Take(length);
  uintptr_t cie_address = fde->program.address();
  const uint32_t cie_distance = fde->program.U32();
  if (!fde->program.ok() || cie_distance == 0) return false;
  cie_address -= cie_distance;
  if (cie->address != cie_address && !ParseCie(image_->From(cie_address), cie)) return false;
  return ReadRange(image_->header, *cie, fde);
}

uintptr_t FdeTable::Offset(size_t byte) const {
  int32_t offset = 0;
  __builtin_memcpy(&offset, entries_ + byte, sizeof offset);
  return image_->header + static_cast<uintptr_t>(static_cast<intptr_t>(offset));
}

}  // namespace stacksampler::unwind
