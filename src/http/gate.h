// SPDX-License-Identifier: MIT
//
// Purpose: what a request must be before a handler, or cpp-httplib, sees it; and the answers to
//   those that are not.
// Thread safety: free functions, any thread.
#ifndef STACKSAMPLER_HTTP_GATE_H_
#define STACKSAMPLER_HTTP_GATE_H_

#include <optional>
#include <string>
#include <vector>

#include "http/head.h"
#include "http/server.h"

namespace stacksampler::http {

/// A plain-text answer.
Response Refusal(int status, std::string text);

/// What a port that speaks TLS says to those who do not; our client looks for it.
inline constexpr const char* kTlsPortText = "This port speaks TLS";

/// For a head that broke a limit or the grammar. REQUIRES: neither kIncomplete nor kComplete.
Response RefusalOfHead(HeadState state);

/// As in ServerOptions; the hosts in lower case.
struct GateRules {
  std::vector<std::string> allowed_hosts;
  std::string way_to_allow_host;
  std::string token;
  /// Of a unix socket, which no page of another site can reach.
  bool takes_any_host = false;
};

/// nullopt when the request may pass.
std::optional<Response> RefusalOfRequest(const RequestHead& head, const GateRules& rules);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_GATE_H_
