// SPDX-License-Identifier: MIT
//
// Purpose: the flame graph as a picture that needs nothing: no script, no style sheet, no font of
//   its own. The root is on top; a frame's tooltip (<title>) is its whole name and its cost.
// Shapes: what is narrower than half a pixel is left out, as a gap in its caller's row, and counted
//   in the picture's last line.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_SVG_WRITER_H_
#define STACKSAMPLER_PROFILE_SVG_WRITER_H_

#include <string>

#include "profile/call_tree.h"
#include "stacksampler/profile.h"

namespace stacksampler {

inline constexpr int kSvgWidth = 1200;  // pixels, of the root

/// `group_by`: see CallTreeOptions.
std::string EncodeSvg(const Profile& profile, const std::string& group_by = "");

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_SVG_WRITER_H_
