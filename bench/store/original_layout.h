// SPDX-License-Identifier: MIT
//
// Purpose: the original collector's layout, in C++ over the same gdbm: the key is a folded stack,
//   its value grows by "host:port:time:weight " with each window; a query reads all that there is.
// Thread safety: one thread.
// Errors: a failing call ends the program.
#ifndef STACKSAMPLER_BENCH_STORE_ORIGINAL_LAYOUT_H_
#define STACKSAMPLER_BENCH_STORE_ORIGINAL_LAYOUT_H_

#include <cstdint>
#include <string>

#include "generator.h"

namespace stacksampler::bench {

/// Stores one window, opening and closing the database as the original does.
void SaveOriginal(const std::string& path, const Generator& generator, const Draws& draws,
                  size_t process, int64_t seconds);
/// The sum of all weights in the range.
int64_t SumOriginal(const std::string& path, int64_t from_seconds, int64_t until_seconds);

}  // namespace stacksampler::bench

#endif  // STACKSAMPLER_BENCH_STORE_ORIGINAL_LAYOUT_H_
