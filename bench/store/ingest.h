// SPDX-License-Identifier: MIT
//
// Purpose: what a window costs from its bytes to the store, as the collector takes it.
// Thread safety: one thread.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_INGEST_H_
#define STACKSAMPLER_BENCH_STORE_INGEST_H_

#include <cstdint>

#include "filler.h"
#include "generator.h"

namespace stacksampler::bench {

/// `original_ms`: what a poll costs in the original's layout, 0 when that was not measured.
void PrintIngest(const char* when, Filler* filler, Generator* generator, int64_t minute,
                 double original_ms);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_INGEST_H_
