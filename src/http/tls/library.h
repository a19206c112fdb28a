// SPDX-License-Identifier: MIT
//
// Purpose: the one function of libstacksampler_tls.so, by which libstacksampler.so, which knows no
//   OpenSSL, gets what OpenTlsServer() makes.
// Thread safety: any thread.
// Signal safety: none.
// Errors: as OpenTlsServer().
#ifndef STACKSAMPLER_HTTP_TLS_LIBRARY_H_
#define STACKSAMPLER_HTTP_TLS_LIBRARY_H_

#include <memory>
#include <optional>
#include <string>

#include "http/tls.h"
#include "stacksampler/export.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

using OpenedTlsServer = std::optional<Result<std::shared_ptr<const TlsServer>>>;

}  // namespace stacksampler::http

extern "C" STACKSAMPLER_EXPORT void stacksampler_tls_open_server(
    const std::string& certificate_file, const std::string& key_file,
    stacksampler::http::OpenedTlsServer* opened);

#endif  // STACKSAMPLER_HTTP_TLS_LIBRARY_H_
