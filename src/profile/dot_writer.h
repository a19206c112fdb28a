// SPDX-License-Identifier: MIT
//
// Purpose: the call graph as graphviz draws it: the functions with the largest totals and the calls
//   between them.
// Shapes: a function's label is its name, cut to one that fits, its self and its total; the whole
//   name is its tooltip. The graph's label says how much there is and what was left out.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
// Source: https://graphviz.org/doc/info/lang.html
#ifndef STACKSAMPLER_PROFILE_DOT_WRITER_H_
#define STACKSAMPLER_PROFILE_DOT_WRITER_H_

#include <cstddef>
#include <string>

#include "stacksampler/profile.h"

namespace stacksampler {

/// More than a picture can show.
inline constexpr size_t kMostDotFunctions = 80;

std::string EncodeDot(const Profile& profile);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_DOT_WRITER_H_
