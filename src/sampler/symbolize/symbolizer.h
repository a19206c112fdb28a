// SPDX-License-Identifier: MIT
//
// Purpose: names for addresses: .symtab/.dynsym by our own reader, inlined functions and file:line
//   by libdw where that library can be opened, demangled names without parameter lists.
// Thread safety: one thread at a time (it caches).
// Signal safety: not async-signal-safe; never called in the handler.
// Errors: none: what cannot be named is "[libfoo.so+0x1f3c]", with module and build-id kept.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sampler/symbolize/modules.h"

namespace stacksampler::symbolize {

struct NamedFrame {
  std::string name;          // shown
  std::string mangled_name;  // "" when the source had none
  std::string file;          // "" when unknown
  uint32_t line = 0;         // where the function begins, 0 when unknown
  bool inlined = false;
};

class Symbolizer {
 public:
  Symbolizer();
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  /// Frames at `address` (a run-time address inside `module`), innermost first: inlined functions,
  /// then the function that the linker knows. Never empty. The reference holds until the next call.
  const std::vector<NamedFrame>& Name(const Module& module, uintptr_t address);
  /// For code that belongs to no module: "[unknown+0x7f...]".
  static NamedFrame NameUnmapped(uintptr_t address);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Shown name of a linker symbol: demangled, without parameter list, return type, ABI and clone
/// suffixes. Anything that is not mangled comes back as it is. Pure.
std::string ShownName(const std::string& symbol);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SYMBOLIZER_H_
