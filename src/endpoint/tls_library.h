// SPDX-License-Identifier: MIT
//
// Purpose: TLS for the endpoint, out of libstacksampler_tls.so: a process whose endpoint speaks none
//   loads none of it.
// Thread safety: any thread.
// Signal safety: not async-signal-safe.
// Errors: kNotFound when the library is not there, else as http::OpenTlsServer().
#ifndef STACKSAMPLER_ENDPOINT_TLS_LIBRARY_H_
#define STACKSAMPLER_ENDPOINT_TLS_LIBRARY_H_

#include <memory>
#include <string>

#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::endpoint {

Result<std::shared_ptr<const http::TlsServer>> OpenTlsServer(const std::string& certificate_file,
                                                             const std::string& key_file);

}  // namespace stacksampler::endpoint

#endif  // STACKSAMPLER_ENDPOINT_TLS_LIBRARY_H_
