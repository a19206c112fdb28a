// SPDX-License-Identifier: MIT
#include "legacy.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "generator.h"
#include "measure.h"
#include "original_layout.h"
#include "store/legacy_export.h"
#include "store/legacy_import.h"

namespace stacksampler::bench {
namespace {

constexpr size_t kLatePolls = 50;

double Megabytes(const std::string& path) {
  return static_cast<double>(std::filesystem::file_size(path)) / 1e6;
}

void PrintEntries(const char* what, uint64_t entries, double cpu_ms, double wall_ms) {
  const auto millions = static_cast<double>(entries) / 1e6;
  std::printf("%-58s %10.2f M entries/s of CPU time, %.2f by the clock (%.2f M entries)\n", what,
              millions / cpu_ms * 1e3, millions / wall_ms * 1e3, millions);
}

// Of both: the import seals in a thread of its own.
template <typename Work>
void PrintRate(const char* what, const Work& work) {
  uint64_t entries = 0;
  double wall_ms = 0;
  const double cpu_ms = Cost(CLOCK_PROCESS_CPUTIME_ID,
                             [&] { wall_ms = Cost(CLOCK_MONOTONIC, [&] { entries = work(); }); });
  PrintEntries(what, entries, cpu_ms, wall_ms);
}

}  // namespace

double PrintOriginal(const std::string& path, size_t polls) {
  Generator generator;
  std::vector<double> costs;
  for (size_t i = 0; i < polls; ++i) {
    const Draws draws = generator.Draw(0);
    costs.push_back(Cost(CLOCK_THREAD_CPUTIME_ID, [&] {
      SaveOriginal(path, generator, draws, 0, static_cast<int64_t>(i) * 60);
    }));
  }
  const std::vector<double> last(costs.end() - static_cast<long>(std::min(polls, kLatePolls)),
                                 costs.end());
  const double late = Median(last);
  const double query = MedianCosts([&] { SumOriginal(path, 0, INT64_MAX); }).wall_ms;
  std::printf(
      "original's layout, 1 process, after %zu polls: %10.2f ms CPU a poll, %.2f MB, "
      "%.1f ms any query\n",
      polls, late, Megabytes(path), query);
  return late;
}

void PrintImportAndExport(const std::string& path, const std::string& dir,
                          const std::string& copy) {
  PrintRate("collector import of that",
            [&] { return Must(store::ImportLegacy(path, dir, {})).entries; });
  PrintRate("collector export --legacy of what was imported",
            [&] { return Must(store::ExportLegacy(dir, copy, {})).entries; });
  Check(SumOriginal(copy, 0, INT64_MAX) == SumOriginal(path, 0, INT64_MAX),
        "what was imported and exported has the same sum");
}

}  // namespace stacksampler::bench
