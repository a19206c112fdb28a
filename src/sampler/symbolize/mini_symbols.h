// SPDX-License-Identifier: MIT
//
// Purpose: .gnu_debugdata, the packed symbol table that some distributions leave in stripped files:
//   functions that .dynsym does not name.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: null where there is none, where it is damaged or unpacks to more than
//   kMaxMiniSymbolBytes, and where liblzma (which libdw brings along) cannot be opened.
// Source: https://sourceware.org/gdb/current/onlinedocs/gdb.html/MiniDebugInfo.html
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_MINI_SYMBOLS_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_MINI_SYMBOLS_H_

#include <cstddef>
#include <memory>

#include "sampler/symbolize/elf_file.h"

namespace stacksampler::symbolize {

inline constexpr size_t kMaxMiniSymbolBytes = size_t{64} << 20;

std::unique_ptr<ElfFile> OpenMiniSymbols(const ElfFile& file);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_MINI_SYMBOLS_H_
