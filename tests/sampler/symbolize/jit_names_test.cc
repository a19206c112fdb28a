// SPDX-License-Identifier: MIT
//
// Code made at run time, and named by the map that its maker keeps for perf.
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "sampler/symbolize/symbolizer.h"
#include "support/catch.h"

namespace stacksampler::symbolize {
namespace {

class OwnPerfMap {
 public:
  OwnPerfMap() : path_("/tmp/perf-" + std::to_string(getpid()) + ".map") {}
  ~OwnPerfMap() { std::filesystem::remove(path_); }
  OwnPerfMap(const OwnPerfMap&) = delete;
  OwnPerfMap& operator=(const OwnPerfMap&) = delete;

  void Add(uintptr_t start, size_t size, const std::string& name) const {
    char line[64];
    std::snprintf(line, sizeof line, "%" PRIxPTR " %zx ", start, size);
    std::ofstream(path_, std::ios::app) << line << name << '\n';
  }

 private:
  std::string path_;
};

TEST_CASE(
    "Symbolizer: code of no module has the name that the process's perf map gives it, without "
    "homes") {
  constexpr size_t kBytes = 4096;
  void* code = mmap(nullptr, kBytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(code != MAP_FAILED);
  const auto address = reinterpret_cast<uintptr_t>(code);
  const OwnPerfMap map;
  Symbolizer symbolizer;
  CHECK_FALSE(symbolizer.RefreshPerfMap());
  CHECK(symbolizer.NameUnmapped(address).name.substr(0, 11) == "[unknown+0x");
  map.Add(address, 64, "LazyCompile:~sum app.js:1:13");
  CHECK(symbolizer.RefreshPerfMap());
  CHECK(symbolizer.NameUnmapped(address + 63).name == "LazyCompile:~sum app.js:1:13");
  CHECK(symbolizer.NameUnmapped(address + 64).name.substr(0, 11) == "[unknown+0x");
  map.Add(address, 64, "LazyCompile:*sum /home/ann/app.js:1:13");
  map.Add(0, 0, "nothing");
  CHECK(symbolizer.RefreshPerfMap());
  CHECK(symbolizer.NameUnmapped(address).name == "LazyCompile:*sum app.js:1:13");
  CHECK(symbolizer.skipped_perf_map_lines() == 1);
  munmap(code, kBytes);
}

}  // namespace
}  // namespace stacksampler::symbolize
