// SPDX-License-Identifier: MIT
//
// Purpose: what every answer gets on its way out: security headers unless the handler set them, and
//   gzip when the client takes it and it pays.
// Thread safety: free functions, any thread.
#ifndef STACKSAMPLER_HTTP_FINISH_H_
#define STACKSAMPLER_HTTP_FINISH_H_

#include <string_view>

#include "http/server.h"

namespace stacksampler::http {

/// `accept_encoding`: of the request, "" when absent.
void FinishResponse(std::string_view accept_encoding, Response* response);

/// True for "gzip", "br, gzip;q=0.5", "*"; false for "gzip;q=0", "".
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_FINISH_H_
