// SPDX-License-Identifier: MIT
//
// Purpose: requests and answers between bytes and structs, by cpp-httplib. cpp-httplib is shown a
//   request line that we wrote from checked parts and nothing else: no header of a client, no body,
//   no socket. That leaves it the decoding of path and parameters and the serialising of answers,
//   and keeps its known holes (see docs/security.md) out of reach.
// Thread safety: none; one per thread. Construction touches SIGPIPE for a moment and restores it.
#ifndef STACKSAMPLER_HTTP_SERVER_CODEC_H_
#define STACKSAMPLER_HTTP_SERVER_CODEC_H_

#include <cstddef>
#include <memory>
#include <string>

#include "http/head.h"
#include "http/server.h"

namespace stacksampler::http {

inline constexpr size_t kMaxResponseBytes = size_t{64} << 20;  // of a handler's body; above: 500

class ServerCodec {
 public:
  ServerCodec();
  ~ServerCodec();

  /// Runs `handler` on the request; the bytes to send. A handler that throws makes a bare 500.
  std::string Answer(const RequestHead& head, const std::string& remote_address,
                     const Handler& handler);

  /// The bytes of `response`.
  std::string Encode(Response response);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_SERVER_CODEC_H_
