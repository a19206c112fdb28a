// SPDX-License-Identifier: MIT
//
// The bytes as a gdbm file: what Debian's libgdbm makes of a file that is none, or a damaged one.
#include "fuzz/fuzz.h"
#include "store/gdbm_file.h"
#include "store/segment_check.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string& path = fuzz::FileOf(fuzz::AsText(data, size));
  auto file = store::GdbmFile::Open(path);
  if (!file.ok()) return 0;
  std::optional<std::string> key;
  for (size_t keys = 0; keys <= size; ++keys) {
    const auto more = file->NextKey(&key);
    if (!more.ok() || !*more) break;
    static_cast<void>(file->Get(*key));
  }
  static_cast<void>(store::CheckSegment(path));
  return 0;
}
