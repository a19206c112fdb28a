// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "sampler/unwind/module_rows.h"

using namespace stacksampler;

// The first byte says where in the image .eh_frame_hdr is, in units of 4 bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uintptr_t kLoaded = 0x10000;
  constexpr uintptr_t kCodeBytes = 0x4000;
  if (size < 2) return 0;
  unwind::UnwindImage image;
  image.bytes = data + 1;
  image.size = size - 1;
  image.address = kLoaded;
  image.header = kLoaded + size_t{data[0]} * 4;
  unwind::SideTable sides;
  const auto rows = unwind::BuildRows(image, kLoaded, kLoaded + kCodeBytes, &sides);
  fuzz::Promise(!rows.empty() && rows[0].offset == 0, "all code has a row");
  for (size_t i = 1; i < rows.size(); ++i) {
    fuzz::Promise(rows[i - 1].offset < rows[i].offset, "rows are sorted");
    fuzz::Promise(rows[i - 1].rule != rows[i].rule, "neighbours differ");
  }
  fuzz::Promise(rows.back().offset < kCodeBytes, "rows lie in the code");
  fuzz::Promise(sides.rules().size() <= unwind::SideTable::kMaxRules, "side rules are bounded");
  static_cast<void>(unwind::BuildIndex(rows, kCodeBytes));
  return 0;
}
