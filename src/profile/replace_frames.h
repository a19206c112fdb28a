// SPDX-License-Identifier: MIT
//
// Purpose: the same samples with other frames: what an address turned out to be, calls inlined
//   there included.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_REPLACE_FRAMES_H_
#define STACKSAMPLER_PROFILE_REPLACE_FRAMES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stacksampler/profile.h"

namespace stacksampler {

/// A frame of the mapping of the one that it replaces.
struct Replacement {
  std::string name;
  std::string mangled_name;
  std::string file;
  uint32_t line = 0;
  bool inlined = false;
};

/// `replace` is asked once for each frame that a sample stands on, and answers with what stands in
/// its place, outermost first; nothing leaves the frame as it is.
Profile ReplaceFrames(const Profile& profile,
                      const std::function<std::vector<Replacement>(FrameId)>& replace);

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_REPLACE_FRAMES_H_
