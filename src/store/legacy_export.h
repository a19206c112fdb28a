// SPDX-License-Identifier: MIT
//
// Purpose: writes a store, or a range of it, as a database of the original collector, which the
//   original visualizer shows.
// Shapes: one entry for each stack of each target and second; threads and other labels are summed
//   up. Frames are shown names, ';' in them is ':'. The ':' of an IPv6 host is '_', because the
//   original's visualizer stops at more colons than it expects.
// Thread safety: one thread at a time.
// Errors: name the file. A file that exists is not overwritten; after an error there is none.
#ifndef STACKSAMPLER_STORE_LEGACY_EXPORT_H_
#define STACKSAMPLER_STORE_LEGACY_EXPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stacksampler/status.h"
#include "store/merger.h"

namespace stacksampler::store {

struct ExportOptions {
  // ---- Behaviour.
  Range range;
  /// Told a part from 0 to 1 now and then.
  std::function<void(double)> on_progress = [](double) {};
  // ---- Cost.
  /// What is held in memory at a time, of 24 bytes each; more is written in several passes.
  uint64_t max_held_cells = uint64_t{8} << 20;
};

struct ExportSummary {
  uint64_t stacks = 0;
  uint64_t entries = 0;
  uint64_t weight = 0;
  std::vector<std::string> warnings;  // damaged files: what is in them is missing
};

Result<ExportSummary> ExportLegacy(const std::string& dir, const std::string& path,
                                   const ExportOptions& options);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_LEGACY_EXPORT_H_
