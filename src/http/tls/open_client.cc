// SPDX-License-Identifier: MIT
#include <openssl/x509v3.h>

#include <utility>

#include "http/tls/context.h"
#include "http/tls/open.h"
#include "http/tls/openssl_session.h"

namespace stacksampler::http {
namespace {

// As TLS lists them: each behind its length.
constexpr unsigned char kProtocols[] = "\x08http/1.1";

// The certificate must be for this name or address; a name is told to the server as well.
bool Expect(SSL* ssl, const std::string& host) {
  if (SSL_set_alpn_protos(ssl, kProtocols, sizeof kProtocols - 1) != 0) return false;
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  std::string name = host;  // the macro takes no const
  return SSL_set1_host(ssl, name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, name.data()) == 1;
}

class Client : public TlsClient {
 public:
  explicit Client(Context context) : context_(std::move(context)) {}

  [[nodiscard]] Result<std::unique_ptr<TlsSession>> NewSession(
      const std::string& host) const override {
    return OpensslSession::New(context_.get(), OpensslSession::End::kClient,
                               [&](SSL* ssl) { return Expect(ssl, host); });
  }

 private:
  const Context context_;
};

}  // namespace

Result<std::shared_ptr<const TlsClient>> OpenTlsClient(const std::string& ca_file) {
  auto context = NewContext(TLS_client_method());
  if (!context.ok()) return context.status();
  SSL_CTX* const raw = context->get();
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(raw) != 1) {
      return Status(StatusCode::kNotFound, "the system's certificate authorities: " + TakeError());
    }
  } else {
    if (Status status = CheckReadable("CA file", ca_file); !status.ok()) return status;
    if (SSL_CTX_load_verify_file(raw, ca_file.c_str()) != 1) {
      return Status(StatusCode::kInvalidArgument,
                    "CA file " + ca_file + ": holds no certificate in PEM: " + TakeError());
    }
  }
  return std::shared_ptr<const TlsClient>(std::make_shared<Client>(*std::move(context)));
}

}  // namespace stacksampler::http
