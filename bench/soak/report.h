// SPDX-License-Identifier: MIT
//
// Purpose: what a soak found, as a table, and whether it is within its bounds.
// Thread safety: one thread at a time.
// Errors: none.
#ifndef STACKSAMPLER_BENCH_SOAK_REPORT_H_
#define STACKSAMPLER_BENCH_SOAK_REPORT_H_

#include <cstdint>
#include <string>

#include "viewers.h"
#include "watch.h"

namespace stacksampler::bench {

struct SoakOptions {
  double days = 30;
  int64_t rate = 720;
  double interval_seconds = 1;
  size_t targets = 500;
  size_t viewers = 50;
  uint64_t keep_mib = 162;
  uint64_t keep_days_mib = 15;
};

struct ProcessTrends {
  void Look(double day, const ProcessLook& look);
  void LookAtRest(double day, const ProcessLook& look) {
    resident_at_rest_mib.Add(day, look.resident_mib);
  }

  Trend resident_mib;
  /// Without what questions under way take, which comes and goes with load.
  Trend resident_at_rest_mib;
  Trend descriptors;
  Trend sockets;
  Trend threads;
  double cpu_seconds = 0;
};

struct DiskTrends {
  void Look(const DiskLook& look);

  DiskLook highest;          // each by itself
  uint64_t most_sealed = 0;  // windows and days together
};

struct Found {
  ProcessTrends collector;
  ProcessTrends visualizer;
  DiskTrends disk;
  double days = 0;      // that it went on for
  std::string summary;  // the collector's last
  bool all_lived = false;
  bool ended_well = false;
  uint64_t windows = 0;
  uint64_t lost = 0;
  uint64_t offered_again = 0;
  uint64_t restarts = 0;
  uint64_t deploys = 0;
};

std::string ProgressLine(double day, uint64_t windows, const AnswerCounts& answers);

/// Prints it; whether all bounds hold.
bool Report(const SoakOptions& options, const Found& found, const Viewers& viewers);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_SOAK_REPORT_H_
