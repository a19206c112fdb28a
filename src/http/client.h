// SPDX-License-Identifier: MIT
//
// Purpose: the one HTTP client of the project, for targets that may be dead, slow or hostile.
// Thread safety: free functions, any thread.
// Signal safety: none; SIGPIPE untouched.
// Errors: kNotFound (nothing listens at that port), kUnavailable (time-out, no such host), kResourceExhausted (a limit), kDataLoss (not HTTP, bad
//   gzip), kPermissionDenied (a certificate that is not good); an HTTP status other than 2xx is not
//   an error here: look at `status`. Redirects are not followed.
#ifndef STACKSAMPLER_HTTP_CLIENT_H_
#define STACKSAMPLER_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

struct FetchOptions {
  /// Sent as "Authorization: Bearer TOKEN" when it is not "". REQUIRES: from ReadTokenFile().
  std::string token;
  /// Asks by https://: nothing is sent before the certificate was found good for `host`. Null:
  /// http.
  std::shared_ptr<const TlsClient> tls;
  std::chrono::milliseconds connect_timeout{2000};
  std::chrono::milliseconds total_timeout{10000};  // absolute: name look-up to last byte
  size_t max_wire_bytes = size_t{16} << 20;
  size_t max_body_bytes = size_t{64} << 20;  // after gzip is undone
  size_t max_sent_bytes = size_t{64} << 20;  // of a request's body
  /// Beside our own: names of letters, digits and '-', values without control bytes.
  std::map<std::string, std::string> headers;
};

struct Fetched {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; of equal names the last
  std::string body;                            // Content-Encoding: gzip is undone
};

/// GET http://host:port<path_and_query>. `host`: name, IPv4 or IPv6 with or without brackets, or
/// "unix:/run/app.sock", for which `port` means nothing. A server that does not answer to the name
/// (421) is asked once more by its address.
Result<Fetched> Get(const std::string& host, uint16_t port, const std::string& path_and_query,
                    const FetchOptions& options = {});

/// POST of `body` there, once: no second try by address. A server that answers and closes before it
/// has read all (a wrong password, say) is heard.
Result<Fetched> Post(const std::string& host, uint16_t port, const std::string& path_and_query,
                     const std::string& body, const FetchOptions& options = {});

/// "web-1", 16384 -> "web-1:16384"; "::1", 80 -> "[::1]:80"; a unix socket as it is.
std::string JoinHostPort(const std::string& host, uint16_t port);
/// The same behind "http://" or "https://", but for a unix socket.
std::string UrlOf(const std::string& host, uint16_t port, bool tls = false);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_CLIENT_H_
