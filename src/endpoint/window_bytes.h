// SPDX-License-Identifier: MIT
//
// Purpose: a window as it is sent: pprof, and never longer than its reader accepts. What is too
//   much is folded into "[overflow]", the lightest stacks first, before anything longer is encoded.
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
};

EncodedWindow EncodeWindow(const Profile& profile, size_t max_bytes = kMaxWindowBytes);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_WINDOW_BYTES_H_
