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

struct NamedFrame {
  std::string name;          // shown
  std::string mangled_name;  // "" when the source had none
  std::string file;          // "" when unknown
  uint32_t line = 0;         // where the function begins, 0 when unknown
  bool inlined = false;
};

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_NAMED_FRAME_H_
