// SPDX-License-Identifier: MIT
//
// Purpose: TLS by OpenSSL, 1.2 and newer: servers with a certificate of their own, and clients that
//   always verify chain and name. No compression, no renegotiation, no session tickets.
// Thread safety: free functions, any thread.
// Signal safety: none. OpenSSL is told to leave the end of the process alone.
// Errors: name the file and what is wrong with it.
#ifndef STACKSAMPLER_HTTP_TLS_OPEN_H_
#define STACKSAMPLER_HTTP_TLS_OPEN_H_

#include <memory>
#include <string>

#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

/// Both files in PEM: the certificate, followed by those between it and its authority, and its key,
/// not encrypted. They are read once.
Result<std::shared_ptr<const TlsServer>> OpenTlsServer(const std::string& certificate_file,
                                                       const std::string& key_file);

/// Trusts the authorities of `ca_file` (PEM) alone, or, when it is "", those of the system.
Result<std::shared_ptr<const TlsClient>> OpenTlsClient(const std::string& ca_file);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_TLS_OPEN_H_
