// SPDX-License-Identifier: MIT
//
// Purpose: a listening socket that no second one can share: TCP (no SO_REUSEPORT) on the first free
//   port of a range, or a unix socket.
// Thread safety: free functions, any thread.
// Errors: kAlreadyExists (every port is taken), kInvalidArgument, kPermissionDenied, ...; messages
//   name address and way out.
#ifndef STACKSAMPLER_HTTP_LISTENER_H_
#define STACKSAMPLER_HTTP_LISTENER_H_

#include <cstdint>
#include <string>

#include "base/unique_fd.h"
#include "http/socket_file.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

struct Listener {
  UniqueFd fd;        // non-blocking, close-on-exec
  uint16_t port = 0;  // 0: a unix socket
  SocketFile file = {};
};

/// `host` "unix:/run/app.sock": there, whatever the ports. `port` 0: any free one. `last_port` 0:
/// `port` alone. Of a name's addresses the first usable one. `way_to_another_port` as in
/// ServerOptions.
Result<Listener> OpenListener(const std::string& host, uint16_t port, uint16_t last_port,
                              const std::string& way_to_another_port = "pass another port");

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_LISTENER_H_
