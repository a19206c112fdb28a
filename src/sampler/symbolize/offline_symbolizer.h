// SPDX-License-Identifier: MIT
//
// Purpose: names for what another process could not name, wherever and whenever that ran: by the
//   module's build-id, from the files that a person has.
// Thread safety: one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: an empty answer.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_OFFLINE_SYMBOLIZER_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_OFFLINE_SYMBOLIZER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sampler/symbolize/module_names.h"
#include "sampler/symbolize/named_frame.h"
#include "sampler/symbolize/shown_name.h"

namespace stacksampler::symbolize {

class OfflineSymbolizer {
 public:
  /// Directories to search, the first first; each may hold .build-id/xx/, or the files themselves.
  explicit OfflineSymbolizer(std::vector<std::string> directories)
      : directories_(std::move(directories)) {}

  /// Frames at a link-time address of a module, innermost first; empty when no file has its
  /// build-id or the file does not name the address.
  std::vector<NamedFrame> Name(const std::string& module, const std::string& build_id,
                               uint64_t address);
  /// Whether a file was found for it.
  bool Knows(const std::string& module, const std::string& build_id) {
    return Open(module, build_id) != nullptr;
  }

 private:
  ModuleNames* Open(const std::string& module, const std::string& build_id);

  std::vector<std::string> directories_;
  std::map<std::string, std::unique_ptr<ModuleNames>> modules_;  // by build-id; null: not found
  ShownNames shown_names_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_OFFLINE_SYMBOLIZER_H_
