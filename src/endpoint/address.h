// SPDX-License-Identifier: MIT
//
// Purpose: the address of the endpoint as the environment gives it: "host:port", "host:port..port",
//   "[::1]:port", "port", "unix:/path", or "off".
// Thread safety: free functions, any thread.
// Signal safety: not async-signal-safe.
// Errors: kInvalidArgument naming the text and showing the form.
#ifndef STACKSAMPLER_ENDPOINT_ADDRESS_H_
#define STACKSAMPLER_ENDPOINT_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::endpoint {

struct Address {
  bool off = false;
  std::string host = "127.0.0.1";  // or "unix:/path", without ports
  uint16_t port = 0;
  uint16_t last_port = 0;  // 0 = just `port`
};

Result<Address> ParseAddress(const std::string& text);

/// "a,b" -> a, b. Empty parts are left out.
std::vector<std::string> ParseHosts(std::string_view text);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_ADDRESS_H_
