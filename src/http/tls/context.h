// SPDX-License-Identifier: MIT
//
// Purpose: what servers and clients share of OpenSSL: its start, the settings, errors as text.
// Thread safety: free functions, any thread.
// Signal safety: none.
#ifndef STACKSAMPLER_HTTP_TLS_CONTEXT_H_
#define STACKSAMPLER_HTTP_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "stacksampler/status.h"

namespace stacksampler::http {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Result<Context> NewContext(const SSL_METHOD* method);

/// What OpenSSL has last said on this thread, which is forgotten by that.
std::string TakeError();

/// kNotFound, kPermissionDenied, ... naming `what` ("certificate file") and path, when the file
/// cannot be read.
Status CheckReadable(const std::string& what, const std::string& path);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_TLS_CONTEXT_H_
