// SPDX-License-Identifier: MIT
//
// A file's debug information, as our walk over it finds it by libdw. scripts/fuzz changes its
// bytes; the test does not, since what damage does to a libdw is not ours to mend.
#include "fuzz/fuzz.h"
#include "sampler/symbolize/dwarf_names.h"

using namespace stacksampler;

namespace {

constexpr uint64_t kAddresses = 0x2000;

void CheckFrames(const std::vector<symbolize::DwarfFrame>& frames) {
  for (const symbolize::DwarfFrame& frame : frames) {
    fuzz::Promise(frame.linkage_name.empty() || frame.name.empty(), "one name of the two");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = symbolize::ElfFile::Open(fuzz::FileOf(fuzz::AsText(data, size)));
  if (file == nullptr) return 0;
  const auto names = symbolize::DwarfNames::Open(file.get());
  if (names == nullptr) return 0;
  for (uint64_t address = 0; address < kAddresses; address += 8) {
    CheckFrames(names->Frames(address));
  }
  return 0;
}
