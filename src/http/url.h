// SPDX-License-Identifier: MIT
//
// Purpose: where an endpoint is, as people write it: "https://web-1:16384", "web-1", "unix:/run/x.sock".
// Thread safety: free functions, any thread.
// Errors: nullopt for what is no such URL; a unix socket's path is not looked at.
#ifndef STACKSAMPLER_HTTP_URL_H_
#define STACKSAMPLER_HTTP_URL_H_

#include <cstdint>
#include <optional>
#include <string>

namespace stacksampler::http {

struct Url {
  std::string host;   // without brackets, or "unix:/run/app.sock"
  uint16_t port = 0;  // 0: none was named
  bool tls = false;
};

/// "http://web-1:16384", "web-1", "https://[::1]:80/"; no path, query or user.
std::optional<Url> ParseUrl(const std::string& text);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_URL_H_
