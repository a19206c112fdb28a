// SPDX-License-Identifier: MIT
//
// Purpose: a window as it is sent: pprof, and never longer than its reader accepts. What is too
//   much goes before anything longer is encoded: first the times of samples, then the lightest
//   stacks, which are folded into "[overflow]".
// Thread safety: pure functions.
// Signal safety: none.
#ifndef STACKSAMPLER_ENDPOINT_WINDOW_BYTES_H_
#define STACKSAMPLER_ENDPOINT_WINDOW_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "stacksampler/profile.h"

namespace stacksampler::endpoint {

/// Below what our server sends, our client accepts, and the store's journal takes in one piece: 64
/// MiB each.
inline constexpr size_t kMaxWindowBytes = size_t{60} << 20;

struct EncodedWindow {
  std::string bytes;
  int64_t folded_weight = 0;
  int64_t untimed_weight = 0;  // whose times were left out
};

EncodedWindow EncodeWindow(Profile profile, size_t max_bytes = kMaxWindowBytes);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_WINDOW_BYTES_H_
