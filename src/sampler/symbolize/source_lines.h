// SPDX-License-Identifier: MIT
//
// Purpose: lines of source from DWARF by way of libdw: of an address, of an inlined call, and the
//   names of their files as the compiler wrote them.
// Thread safety: one thread at a time per handle.
// Signal safety: not async-signal-safe.
// Errors: what cannot be read is line 0 or "".
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SOURCE_LINES_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SOURCE_LINES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "sampler/symbolize/libdw_calls.h"

namespace stacksampler::symbolize {

struct SourceLine {
  std::string file;  // "" when unknown
  uint32_t line = 0;
};

/// Of a link-time address. `unit` is the root entry of the compile unit that holds it.
SourceLine LineAt(const LibDw& libdw, Dwarf_Die unit, uint64_t address);

/// Where the caller of an inlined call calls it.
SourceLine CallSite(const LibDw& libdw, Dwarf_Die inlined);

/// The file that an attribute, such as DW_AT_decl_file, of `die` or of its origin names by number.
std::string FileOf(const LibDw& libdw, Dwarf_Die die, unsigned attribute);

/// Memory that libdw's table of a unit's lines takes; reads it.
size_t LineTableBytes(const LibDw& libdw, Dwarf_Die unit);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SOURCE_LINES_H_
