// SPDX-License-Identifier: MIT
#include "sampler/symbolize/perf_map.h"

#include <algorithm>

#include "fuzz/fuzz.h"

using namespace stacksampler;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::AsText(data, size);
  symbolize::PerfMap map(fuzz::FileOf(text));
  map.Refresh();
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  fuzz::Promise(map.skipped_lines() <= lines, "no line is counted twice");
  fuzz::Promise(map.size() <= 2 * lines, "no line makes more than it says");
  for (const uint64_t address : {uint64_t{0}, uint64_t{0x1000}, UINT64_MAX}) {
    fuzz::Promise(map.Find(address).size() <= symbolize::kMaxPerfMapName, "names are bounded");
  }
  return 0;
}
