// SPDX-License-Identifier: MIT
//
// Purpose: what a tree's texts take in memory, about: for those who keep trees within a bound.
// Thread safety: a free function.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_PROFILE_TEXT_BYTES_H_
#define STACKSAMPLER_PROFILE_TEXT_BYTES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "profile/call_tree.h"

namespace stacksampler {

inline size_t TextBytes(const TreeTexts& texts) {
  size_t bytes = 0;
  for (const auto* each : {&texts.names, &texts.modules}) {
    for (const std::string& text : *each) bytes += sizeof text + text.size();
  }
  return bytes;
}

}  // namespace stacksampler

#endif  // STACKSAMPLER_PROFILE_TEXT_BYTES_H_
