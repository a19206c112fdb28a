// SPDX-License-Identifier: MIT
//
// Purpose: call frame information made to order, byte by byte, as no linker writes it.
#ifndef STACKSAMPLER_TESTS_SAMPLER_UNWIND_MADE_FRAMES_H_
#define STACKSAMPLER_TESTS_SAMPLER_UNWIND_MADE_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/unwind/fde_table.h"
#include "sampler/unwind/rule.h"

namespace stacksampler::unwind {

using Bytes = std::vector<uint8_t>;

/// Not inline, like Append(): of bytes that it sees the compiler warns where a copy or a read past
/// their end would be.
ByteReader Reader(const Bytes& bytes);

void Append(const Bytes& more, Bytes* bytes);

/// `value` in this many bytes, the lowest first.
Bytes Little(uint64_t value, size_t bytes);

/// As GCC writes it for x86-64: CFA = rsp + 8, return address at CFA - 8.
inline const Bytes kInitialProgram = {0x0c, 7, 8, 0x90, 1};

struct RuleAt {
  uintptr_t begin;
  Rule rule;
  SideRule side;
};

/// What a function's program makes, range by range; it begins at 0x100.
std::vector<RuleAt> RunProgram(const Bytes& program, bool is_signal_frame = false,
                               const Bytes& initial = kInitialProgram, uint32_t code_align = 1);

struct MadeFunction {
  uint32_t begin = 0;  // from kMadeCode
  uint32_t bytes = 0;
  Bytes program;
};

/// What follows the length of a CIE, by GCC: pc-relative pointers of 4 bytes.
Bytes GccCie();

/// An .eh_frame_hdr, and behind it an .eh_frame with one CIE, loaded at kMadeFrames.
struct MadeFrames {
  Bytes header;  // eh_frame_hdr up to its table
  Bytes table;
  Bytes frames;

  MadeFrames(const std::vector<MadeFunction>& functions, const Bytes& cie = GccCie(),
             const Bytes& augmentation_data = {0});
  /// Keeps them together for an image; call again after a change.
  UnwindImage Image();

 private:
  Bytes all_;
};
inline constexpr uintptr_t kMadeFrames = 0x10000;
inline constexpr uintptr_t kMadeCode = 0x20000;

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_TESTS_SAMPLER_UNWIND_MADE_FRAMES_H_
