// SPDX-License-Identifier: MIT
//
// Purpose: what it costs to keep when, within windows, samples were taken.
// Thread safety: one thread.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_TIMES_H_
#define STACKSAMPLER_BENCH_STORE_TIMES_H_

#include <string>

namespace stacksampler::bench {

/// Stores an hour of ten processes three times below `dir`: without times, with bursts of four
/// samples in one bucket and stack, with no two alike.
void PrintTimes(const std::string& dir);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_TIMES_H_
