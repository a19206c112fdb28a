// SPDX-License-Identifier: MIT
#include "cpuprofile/http_url.h"

#include "http/address.h"
#include "stacksampler/profile_server.h"

namespace stacksampler::cpuprofile {

Result<http::Url> ParseHttpUrl(const std::string& text) {
  auto url = http::ParseUrl(text);
  if (!url) {
    return Status(StatusCode::kInvalidArgument,
                  "--url " + text +
                      ": not of the form http://host:port, https://host:port or unix:/path, for "
                      "example http://localhost:16384");
  }
  if (http::IsUnixSocket(url->host)) {
    const auto address = http::UnixAddress(url->host);
    if (!address.ok())
      return Status(address.status().code(), "--url " + address.status().message());
  } else if (url->port == 0) {
    url->port = kDefaultPort;
  }
  return *url;
}

}  // namespace stacksampler::cpuprofile
