// SPDX-License-Identifier: MIT
//
// Purpose: copies a database of the original collector into a store.
// Shapes: each poll of each target becomes one record that ends when the poll was made; the
//   original kept neither a poll's length nor the sampling period, so that the record has no length
//   and its period is unknown.
// Thread safety: one thread at a time.
// Errors: name the old file, or the store. What was imported before an error stays, and importing
//   again goes on behind it: no poll is counted twice. The old file is only read.
#ifndef STACKSAMPLER_STORE_LEGACY_IMPORT_H_
#define STACKSAMPLER_STORE_LEGACY_IMPORT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "stacksampler/status.h"
#include "store/profile_store.h"

namespace stacksampler::store {

struct ImportOptions {
  // ---- Behaviour.
  WriterOptions writer;
  /// Told a part from 0 to 1 now and then.
  std::function<void(double)> on_progress = [](double) {};
  // ---- Cost.
  /// What is held in memory at a time, of 24 bytes each; a longer history is read in several
  /// passes.
  uint64_t max_held_entries = uint64_t{8} << 20;
};

struct ImportSummary {
  uint64_t stacks = 0;           // keys of the file
  uint64_t entries = 0;          // in the file, malformed ones apart
  uint64_t known_entries = 0;    // imported by an earlier run
  uint64_t malformed = 0;        // left out
  std::string first_malformed;   // as it stands in the file, cut to some length
  uint64_t saturated = 0;        // sums over equal stacks of a poll that stop at 2^63 - 1
  uint64_t refused_records = 0;  // polls whose sum passes 2^63
  uint64_t records = 0;          // imported polls
  int64_t first_ns = 0;          // imported range; 0 when nothing was
  int64_t last_ns = 0;
};

/// Makes the store when it is not there.
Result<ImportSummary> ImportLegacy(const std::string& path, const std::string& dir,
                                   const ImportOptions& options);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_LEGACY_IMPORT_H_
