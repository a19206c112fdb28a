// SPDX-License-Identifier: MIT
//
// Purpose: C++ declarations from linker names, as g++ and clang write them.
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: "".
#ifndef STACKSAMPLER_BASE_DEMANGLE_H_
#define STACKSAMPLER_BASE_DEMANGLE_H_

#include <cstddef>
#include <string>

namespace stacksampler {

/// Linker names, and declarations, beyond these are not worth reading: a few substitutions are
/// enough to make a name of gigabytes.
inline constexpr size_t kMaxMangledBytes = size_t{4} << 10;
inline constexpr size_t kMaxDemangledBytes = size_t{64} << 10;

/// The whole declaration, "" when `symbol` ("_Z...") is none, or beyond the bounds.
std::string Demangle(const std::string& symbol);

/// What a person who wants all of it reads: the declaration with its parameters and "[clone .cold]"
/// behind it, and `symbol` itself where it is none.
std::string FullName(const std::string& symbol);

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_DEMANGLE_H_
