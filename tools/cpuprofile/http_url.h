// SPDX-License-Identifier: MIT
//
// Purpose: the URL of an endpoint, taken apart.
// Errors: kInvalidArgument says what a URL must look like.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_

#include <cstdint>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

struct HttpUrl {
  std::string host;  // without brackets, or "unix:/run/app.sock"
  uint16_t port = 0;
};

/// "http://web-1:16384", "web-1", "http://[::1]:80/", "unix:/run/app.sock"; the port defaults to
/// the endpoint's.
Result<HttpUrl> ParseHttpUrl(const std::string& url);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_
