// SPDX-License-Identifier: MIT
//
// Purpose: a module's .eh_frame by way of .eh_frame_hdr, its table of functions sorted by address.
// Signal safety: async-signal-safe.
// Errors: bytes that are malformed, or that reach outside the image, are refused, never followed.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_FDE_TABLE_H_
#define STACKSAMPLER_SAMPLER_UNWIND_FDE_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "sampler/unwind/byte_reader.h"
#include "sampler/unwind/cfi.h"

namespace stacksampler::unwind {

/// The bytes that hold a module's .eh_frame_hdr and .eh_frame: in place, or a copy.
struct UnwindImage {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  uintptr_t address = 0;  // where bytes[0] is loaded
  uintptr_t header = 0;   // address of .eh_frame_hdr

  /// From `at` to the end; an empty, failed reader for an address outside.
  ByteReader From(uintptr_t at) const;
  /// Where `byte`, one of `bytes`, is loaded.
  uintptr_t AddressOf(const uint8_t* byte) const {
    return address + static_cast<uintptr_t>(byte - bytes);
  }
};

class FdeTable {
 public:
  explicit FdeTable(const UnwindImage& image) : image_(image) {}

  /// False when there is no table of the one kind that linkers write. *frames, unless null, is
  /// where the header says that .eh_frame begins. REQUIRES: is called, and succeeds, before all
  /// others.
  bool Open(uintptr_t* frames = nullptr);

  size_t size() const { return size_; }
  /// The last function that begins at or before `pc`. False when there is none.
  bool Find(uintptr_t pc, size_t* i) const;
  /// Reads entry `i` and its CIE. REQUIRES: i < size().
  bool Read(size_t i, Cie* cie, Fde* fde) const;

 private:
  static constexpr size_t kEntryBytes = 8;  // two 32-bit offsets from the header: function, FDE

  bool ReadRange(const Cie& cie, Fde* fde) const;
  uintptr_t FunctionBegin(size_t i) const { return Offset(i * kEntryBytes); }
  uintptr_t FdeAddress(size_t i) const { return Offset(i * kEntryBytes + kEntryBytes / 2); }
  uintptr_t Offset(size_t byte) const;

  UnwindImage image_;
  const uint8_t* entries_ = nullptr;
  size_t size_ = 0;
};

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_FDE_TABLE_H_
