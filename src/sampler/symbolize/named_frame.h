// SPDX-License-Identifier: MIT
//
// Purpose: what is known of one function that holds an address.
// Thread safety: a value.
// Signal safety: not async-signal-safe.
// Errors: none.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_NAMED_FRAME_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_NAMED_FRAME_H_

#include <cstdint>
#include <string>

namespace stacksampler::symbolize {

/// Which line a frame is given.
enum class Lines {
  kFunction,  // on which the function begins
  kRunning,   // that was running, or called what ran; where that is not known, the former
};

struct NamedFrame {
  std::string name;          // shown
  std::string mangled_name;  // "" when the source had none
  std::string file;          // that has the line, "" when unknown
  uint32_t line = 0;         // as asked for, 0 when unknown
  bool inlined = false;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_NAMED_FRAME_H_
