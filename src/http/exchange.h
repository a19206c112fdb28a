// SPDX-License-Identifier: MIT
//
// Purpose: one GET or POST over a connected socket, by cpp-httplib. cpp-httplib writes the request and
//   undoes the framing of the body. Of the answer's head it is shown only lines that we wrote from
//   checked parts: its own reading of a status line overruns the stack (see docs/security.md).
// Thread safety: free functions, any thread.
#ifndef STACKSAMPLER_HTTP_EXCHANGE_H_
#define STACKSAMPLER_HTTP_EXCHANGE_H_

#include <cstddef>
#include <map>
#include <string>

#include "http/client.h"
#include "http/deadline.h"
#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

/// What is asked. All texts but the body without control bytes.
struct Question {
  std::string host_header;
  std::string target;
  std::map<std::string, std::string> headers;
  const std::string* body = nullptr;  // borrowed; a POST when there is one, else a GET
};

/// `fd`: a connected, non-blocking socket. `tls`: a client's session, null for none. The answer's
/// body is as it came: its Content-Encoding is not undone.
Result<Fetched> Exchange(int fd, TlsSession* tls, const Question& question, size_t max_wire_bytes,
                         Deadline deadline);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_EXCHANGE_H_
