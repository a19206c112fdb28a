// SPDX-License-Identifier: MIT
//
// Purpose: looks through every file of a store, and repairs what can be.
// Thread safety: free functions; a check works beside a running writer.
// Errors: a Status when the store cannot be looked at, or repaired, at all.
#ifndef STACKSAMPLER_STORE_CHECK_H_
#define STACKSAMPLER_STORE_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::store {

struct CheckReport {
  uint64_t segments = 0;
  uint64_t days = 0;  // totals
  uint64_t journals = 0;
  uint64_t records = 0;               // that can be read
  bool has_writer = false;            // a collector works on it now
  std::vector<std::string> problems;  // one line each, naming the file
};

/// Changes nothing and takes no lock that a writer would wait for.
Result<CheckReport> CheckStore(const std::string& dir);

/// Sets damaged files aside (a day's total is removed instead when its segments are there), writes
/// anew what is good in them, cuts off torn ends, removes what is unfinished, and restores STORE.
/// Answers with one line for each thing done, and what it cost. kAlreadyExists while a writer
/// works.
Result<std::vector<std::string>> RepairStore(const std::string& dir);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_CHECK_H_
