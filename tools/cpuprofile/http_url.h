// SPDX-License-Identifier: MIT
//
// Purpose: the URL of an endpoint, with the endpoint's own port where it names none.
// Errors: kInvalidArgument says what a URL must look like.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_

#include <string>

#include "http/url.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

/// "http://web-1:16384", "https://web-1", "http://[::1]:80/", "unix:/run/app.sock".
Result<http::Url> ParseHttpUrl(const std::string& text);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_HTTP_URL_H_
