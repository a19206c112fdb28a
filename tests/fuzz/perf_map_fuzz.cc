// SPDX-License-Identifier: MIT
#include "sampler/symbolize/perf_map.h"

#include <algorithm>
#include <fstream>

#include "fuzz/fuzz.h"
#include "support/temporary_folder.h"

using namespace stacksampler;

namespace {

// Not in memory: those are reached through a link, which a perf map is not read by.
const std::string& NamedFileOf(std::string_view bytes) {
  static const tests::TemporaryFolder folder;
  static const std::string path = folder / "perf.map";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  fuzz::Promise(!file.fail(), "the input can be written to a file");
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::AsText(data, size);
  symbolize::PerfMap map(NamedFileOf(text));
  fuzz::Promise(map.Refresh(), "a file that is there is read");
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  fuzz::Promise(map.skipped_lines() <= lines, "no line is counted twice");
  fuzz::Promise(map.size() <= 2 * lines, "no line makes more than it says");
  for (const uint64_t address : {uint64_t{0}, uint64_t{0x1000}, UINT64_MAX}) {
    fuzz::Promise(map.Find(address).size() <= symbolize::kMaxPerfMapName, "names are bounded");
  }
  return 0;
}
