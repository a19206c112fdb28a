// SPDX-License-Identifier: MIT
//
// Purpose: what asking a filled store costs, alone and beside a writer that takes all that it can.
// Thread safety: one thread.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_QUESTIONS_H_
#define STACKSAMPLER_BENCH_STORE_QUESTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "filler.h"
#include "generator.h"

namespace stacksampler::bench {

/// The last quarter of an hour of so many minutes stored, of all processes.
void PrintLastQuarter(const std::string& when, const std::string& dir, int64_t minutes);
void PrintQueries(const std::string& dir, int64_t minutes);
/// Ranges with odd borders, which `filler` recounted: ends the program where an answer differs.
std::vector<Recount> OddRanges(int64_t minutes);
void CompareRecounts(const std::string& dir, const Generator& generator, Filler* filler);
/// The last quarter again and again, alone and then while `filler` goes on as fast as it can.
void PrintUnderIngest(const std::string& dir, int64_t minutes, size_t processes, Filler* filler);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_QUESTIONS_H_
