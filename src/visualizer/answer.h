// SPDX-License-Identifier: MIT
//
// Purpose: the shapes of an answer that all routes share: JSON, refusals, failures.
// Thread safety: free functions, any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_VISUALIZER_ANSWER_H_
#define STACKSAMPLER_VISUALIZER_ANSWER_H_

#include <string>

#include "http/server.h"
#include "stacksampler/status.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// The page may run its own files and ask its own server, and nothing else.
inline constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// An entity tag; weak, for it is the same for all encodings.
std::string EtagOf(const std::string& hash);
/// The client's If-None-Match names `etag`.
bool ClientHas(const http::Request& request, const std::string& etag);
/// Gives a 200 that may be kept an entity tag; 304 without a body where the client has it.
void Revalidate(const http::Request& request, http::Response* response);

/// May be kept, and is asked for again before each use.
http::Response Json(std::string body, int status = 200);
/// 400.
http::Response Refuse(const BadRequest& bad);
/// 404.
http::Response NotFound(const std::string& path);
/// 503 for what may pass, else 500.
http::Response Failed(const Status& status);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_ANSWER_H_
