// SPDX-License-Identifier: MIT
//
// Purpose: the shared secret that a server may ask of everybody and that a client sends: read from
//   a file, so that no process list shows it, and compared in a time that tells nothing of it.
// Thread safety: free functions, any thread.
// Errors: ReadTokenFile() names the file and what is wrong with it, never what is in it.
#ifndef STACKSAMPLER_HTTP_TOKEN_H_
#define STACKSAMPLER_HTTP_TOKEN_H_

#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler::http {

/// The file's one line, without the line's end: 16 to 512 visible ASCII characters.
Result<std::string> ReadTokenFile(const std::string& path);

/// Whether an Authorization header carries `token`: "Bearer TOKEN", or, for browsers, "Basic" with
/// any user's name and the token as password. Takes as long whatever the header says.
/// Source: RFC 6750 2.1, RFC 7617 2.
bool CarriesToken(std::string_view authorization, std::string_view token);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_TOKEN_H_
