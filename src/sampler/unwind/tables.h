// SPDX-License-Identifier: MIT
//
// Purpose: prepares the rows that the walker reads: .eh_frame of every loaded module, in immutable
//   generations behind one pointer. Code of modules not tabled yet is walked by way of
//   _dl_find_object.
// Thread safety: one thread at a time calls Refresh and Retire; walkers run beside it.
// Signal safety: not async-signal-safe.
// Errors: RefreshTables() throws std::bad_alloc and leaves the published generation in force.
#ifndef STACKSAMPLER_SAMPLER_UNWIND_TABLES_H_
#define STACKSAMPLER_SAMPLER_UNWIND_TABLES_H_

#include <cstddef>
#include <cstdint>

namespace stacksampler::unwind {

/// True when modules were loaded or unloaded since the last Refresh (dlpi_adds / dlpi_subs). Cheap.
bool TablesAreStale();

/// Builds and publishes a new generation when stale. Returns the generation number, which grows by
/// one with each build. The previous generation stays readable until RetireBefore().
uint64_t RefreshTables();

/// Frees generations below `generation`. REQUIRES: no walk that began before RefreshTables()
/// returned `generation` is still under way.
void RetireBefore(uint64_t generation);

struct TableStats {
  size_t modules = 0;
  size_t rows = 0;
  size_t bytes = 0;
};
TableStats CurrentTableStats();

}  // namespace stacksampler::unwind

#endif  // STACKSAMPLER_SAMPLER_UNWIND_TABLES_H_
