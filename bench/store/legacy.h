// SPDX-License-Identifier: MIT
//
// Purpose: what the original's layout costs, and what it costs to come from it and to go back.
// Thread safety: one thread.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_LEGACY_H_
#define STACKSAMPLER_BENCH_STORE_LEGACY_H_

#include <cstddef>
#include <string>

namespace stacksampler::bench {

/// Makes a database of `polls` windows of one process at `path`. The late ones' milliseconds a
/// poll.
double PrintOriginal(const std::string& path, size_t polls);

/// Takes the database at `path` into a store at `dir`, and gives it back as `copy`.
void PrintImportAndExport(const std::string& path, const std::string& dir, const std::string& copy);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_LEGACY_H_
