// SPDX-License-Identifier: MIT
//
// Purpose: names of a length that fits on a screen. First what says nothing goes: default arguments
//   of the standard library's templates, and std::string is called so. What is longer than
//   kMaxShownCharacters then loses template arguments (and the parameters of lambdas), from the
//   inside out, as deep as it takes: a list is replaced by a tag that is made of it alone,
//   "<#k3v9qa>".
// Invariant: two names that differ stay different, but for equal tags of unequal lists (one in
// 2^30).
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: none: what cannot be read stays as it is.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_SHORT_NAME_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_SHORT_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace stacksampler::symbolize {

/// Names may be longer: those of scopes and functions are never cut.
inline constexpr size_t kMaxShownCharacters = 60;

/// `name`: a demangled name without parameter list.
std::string ShortName(std::string_view name);

/// What stands for `text` where there is no room for it: "#k3v9qa".
std::string Tag(std::string_view text);

/// The first step alone.
std::string WithoutDefaultArguments(std::string_view name);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_SHORT_NAME_H_
