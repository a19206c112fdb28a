// SPDX-License-Identifier: MIT
#include "http/tls/library.h"

#include "http/tls/open.h"

void stacksampler_tls_open_server(const std::string& certificate_file, const std::string& key_file,
                                  stacksampler::http::OpenedTlsServer* opened) {
  opened->emplace(stacksampler::http::OpenTlsServer(certificate_file, key_file));
}
