// SPDX-License-Identifier: MIT
//
// Purpose: remembers in a store what was imported, so that importing a file again takes only what
//   came to it since.
// Shapes: docs/store-format.md. A file of the original layout only ever grows, so that its first
//   poll names it, wherever it was copied to.
// Thread safety: one thread at a time; the store's LOCK is held by the importer.
// Errors: name the mark's file.
#ifndef STACKSAMPLER_STORE_IMPORT_MARK_H_
#define STACKSAMPLER_STORE_IMPORT_MARK_H_

#include <cstdint>
#include <map>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::store {

struct ImportMark {
  std::string source;                    // 16 hex digits: which file
  std::map<std::string, int64_t> times;  // by "host:port": the last imported poll, in seconds
};

/// "imported-<source>"
std::string ImportMarkName(const std::string& source);
/// `name` could be one that ImportMarkName() gives.
bool IsImportMarkName(const std::string& name);
/// REQUIRES: IsImportMarkName(name).
std::string ImportMarkSource(const std::string& name);

/// The mark of a source; without times when nothing was imported from it.
Result<ImportMark> ReadImportMark(const std::string& dir, const std::string& source);
/// Durable when it returns.
Status WriteImportMark(const std::string& dir, const ImportMark& mark);

}  // namespace stacksampler::store

#endif  // STACKSAMPLER_STORE_IMPORT_MARK_H_
