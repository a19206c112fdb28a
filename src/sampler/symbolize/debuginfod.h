// SPDX-License-Identifier: MIT
//
// Purpose: separate debug files from the servers that the environment variable DEBUGINFOD_URLS
//   names, through libdebuginfod and its cache on disk.
// Invariant: without that variable nothing is loaded and nobody is asked.
// Thread safety: any thread; null while another one downloads.
// Signal safety: not async-signal-safe: waits for the network, up to kMaxFetchTime in all the
//   process's life.
// Errors: null.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_DEBUGINFOD_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_DEBUGINFOD_H_

#include <chrono>
#include <memory>
#include <string>

#include "sampler/symbolize/elf_file.h"

namespace stacksampler::symbolize {

inline constexpr std::chrono::seconds kMaxFetchTime{30};

std::unique_ptr<ElfFile> FetchDebugFile(const std::string& build_id);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_DEBUGINFOD_H_
