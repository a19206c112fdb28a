// SPDX-License-Identifier: MIT
//
// Purpose: something to read of linker symbols that no demangler takes, for their length: the scopes
//   and the function as far as the first template argument, and a tag that is made of all the rest.
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: none: where not even that can be read, the symbol's first characters stand before the tag.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_LONG_SYMBOL_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_LONG_SYMBOL_H_

#include <string>
#include <string_view>

namespace stacksampler::symbolize {

/// `symbol`: "_Z...". Takes one pass. A symbol that fits on a screen comes back as it is.
std::string NameOfLongSymbol(std::string_view symbol);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_LONG_SYMBOL_H_
