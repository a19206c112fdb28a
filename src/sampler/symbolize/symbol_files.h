// SPDX-License-Identifier: MIT
//
// Purpose: the files that hold the names of a module: its own, and the separate debug file of a
//   stripped one.
// Invariant: only a file that is proved to belong to the running module is used: a binary replaced
//   on disk gives no wrong names.
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: null.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOL_FILES_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOL_FILES_H_

#include <memory>
#include <string>

#include "sampler/symbolize/elf_file.h"
#include "sampler/symbolize/modules.h"

namespace stacksampler::symbolize {

/// Where distributions install separate debug files.
inline constexpr char kDebugRoot[] = "/usr/lib/debug";

/// The file that `module` was loaded from; the vdso's image.
std::unique_ptr<ElfFile> OpenModuleFile(const Module& module);

/// Where a directory of debug files has those of a build-id, without their extension. REQUIRES: at
/// least two digits.
std::string BuildIdPath(const std::string& directory, const std::string& build_id);

/// The separate debug file of `file`, which was read from `path`: by build-id below
/// `debug_root`/.build-id, then by .gnu_debuglink beside the file, in .debug/, and below
/// `debug_root`.
std::unique_ptr<ElfFile> OpenDebugFile(const ElfFile& file, const std::string& path,
                                       const std::string& debug_root = kDebugRoot);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOL_FILES_H_
