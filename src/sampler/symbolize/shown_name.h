// SPDX-License-Identifier: MIT
//
// Purpose: the names that people see.
// Thread safety: ShownName is pure; a cache serves one thread at a time.
// Signal safety: not async-signal-safe.
// Errors: none: a symbol that cannot be read is shown as it is.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SHOWN_NAME_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SHOWN_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "stacksampler/keyed_hash.h"

namespace stacksampler::symbolize {

/// Of a linker symbol: demangled, without parameter list, return type, ABI and clone suffixes,
/// shortened as short_name.h tells. What is not mangled comes back as it is. Pure.
std::string ShownName(const std::string& symbol);

/// Demangling takes microseconds; a function has thousands of addresses.
class ShownNames {
 public:
  const std::string& Of(const std::string& symbol);
  /// Forgets all when there are many. References end here.
  void Trim();

 private:
  std::unordered_map<std::string, std::string, TextHasher> names_;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SHOWN_NAME_H_
