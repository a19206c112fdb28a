// SPDX-License-Identifier: MIT
//
// Purpose: names for the addresses of this process: of modules by their files (module_names.h), of
//   code that a just-in-time compiler made by its perf map.
// Thread safety: one thread at a time (it caches).
// Signal safety: not async-signal-safe; never called in the handler.
// Errors: none: what cannot be named is "[libfoo.so+0x1f3c]", with module and build-id kept.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "sampler/symbolize/modules.h"
#include "sampler/symbolize/named_frame.h"

namespace stacksampler::symbolize {

class Symbolizer {
 public:
  explicit Symbolizer(Lines lines = Lines::kFunction);
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  /// Frames at `address` (a run-time address inside `module`), innermost first: inlined functions,
  /// then the function that the linker knows. Never empty. Not remembered: the caller is to.
  std::vector<NamedFrame> Name(const Module& module, uintptr_t address);
  /// For code that belongs to no module: from the perf map, else "[unknown+0x7f...]". The same
  /// address may have another name after RefreshPerfMap().
  [[nodiscard]] NamedFrame NameUnmapped(uintptr_t address) const;
  /// Reads the process's perf map where it has changed. True when it has.
  bool RefreshPerfMap();
  /// Lines of the perf map that could not be read.
  [[nodiscard]] uint64_t skipped_perf_map_lines() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_
