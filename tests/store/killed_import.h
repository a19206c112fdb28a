// SPDX-License-Identifier: MIT
//
// Purpose: imports of a database of the original collector in processes of their own, which are
//   killed, and what comes of the store.
// Thread safety: as killed_writer.h.
// Errors: fail the test.
#ifndef STACKSAMPLER_TESTS_STORE_KILLED_IMPORT_H_
#define STACKSAMPLER_TESTS_STORE_KILLED_IMPORT_H_

#include <cstdint>

#include "store/killed_writer.h"

namespace stacksampler::store {

/// At random moments, and taken up after each.
Killed KillImports(int kills, uint64_t seed);
/// One that dies at the point, and is taken up.
LeftBehind KillImportAt(const Point& point);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_TESTS_STORE_KILLED_IMPORT_H_
