// SPDX-License-Identifier: MIT
//
// Purpose: names to addresses, by a deadline. getaddrinfo() cannot be cancelled, so a look-up that
//   needs the network runs on a helper thread that is left behind when the deadline passes.
// Thread safety: free functions, any thread.
// Errors: kUnavailable (no such name, time-out), kResourceExhausted (kMaxLookups are still stuck).
#ifndef STACKSAMPLER_HTTP_RESOLVER_H_
#define STACKSAMPLER_HTTP_RESOLVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/address.h"
#include "http/deadline.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

inline constexpr size_t kMaxLookups = 32;  // helper threads at one time

/// Blocks as long as it likes.
using Lookup =
    std::function<Result<std::vector<SocketAddress>>(const std::string& host, uint16_t port)>;

/// getaddrinfo(), blocking. `flags`: its AI_... bits. `host`: without brackets.
Result<std::vector<SocketAddress>> SystemLookup(const std::string& host, uint16_t port, int flags);

/// TCP addresses of `host`, at least one. `lookup`: for tests.
Result<std::vector<SocketAddress>> Resolve(const std::string& host, uint16_t port,
                                           Deadline deadline, const Lookup& lookup = {});

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_RESOLVER_H_
