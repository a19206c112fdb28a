// SPDX-License-Identifier: MIT
#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstring>
#include <utility>

#include "http/tls/context.h"
#include "http/tls/open.h"
#include "http/tls/openssl_session.h"

namespace stacksampler::http {
namespace {

constexpr char kHttp11[] = "http/1.1";

// 0 for success. HTTP/2 is not spoken here; a client that names no protocol means HTTP/1.1.
int SelectProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_bytes,
                   const unsigned char* offered, unsigned int offered_bytes, void* /*data*/) {
  for (unsigned int i = 0; i < offered_bytes; i += offered[i] + 1U) {
    const unsigned char bytes = offered[i];
    if (bytes != sizeof kHttp11 - 1 || i + bytes >= offered_bytes) continue;
    if (std::memcmp(offered + i + 1, kHttp11, bytes) != 0) continue;
    *out = offered + i + 1;
    *out_bytes = bytes;
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool IsMismatch(unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_X509 &&
         (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH);
}

Status LoadKey(SSL_CTX* context, const std::string& certificate_file, const std::string& key_file) {
  const bool is_key = SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (is_key && SSL_CTX_check_private_key(context) == 1) return Status::Ok();
  // One of another kind than the certificate is taken, and only then fits nothing.
  const bool is_mismatch = is_key || IsMismatch(ERR_peek_last_error());
  const std::string reason = TakeError();
  return {StatusCode::kInvalidArgument,
          "key file " + key_file +
              (is_mismatch ? ": is not the key of the certificate in " + certificate_file
                           : ": holds no private key in PEM without a password: " + reason)};
}

std::string WarningOf(SSL_CTX* context, const std::string& certificate_file) {
  const X509* const certificate = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    return "the certificate in " + certificate_file + " has expired: clients will refuse it";
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    return "the certificate in " + certificate_file + " is not valid yet: clients will refuse it";
  }
  return "";
}

class Server : public TlsServer {
 public:
  Server(Context context, std::string warning)
      : context_(std::move(context)), warning_(std::move(warning)) {}

  [[nodiscard]] Result<std::unique_ptr<TlsSession>> NewSession() const override {
    return OpensslSession::New(context_.get(), OpensslSession::End::kServer,
                               [](SSL*) { return true; });
  }
  [[nodiscard]] const std::string& warning() const override { return warning_; }

 private:
  const Context context_;
  const std::string warning_;
};

}  // namespace

Result<std::shared_ptr<const TlsServer>> OpenTlsServer(const std::string& certificate_file,
                                                       const std::string& key_file) {
  Status status = CheckReadable("certificate file", certificate_file);
  if (status.ok()) status = CheckReadable("key file", key_file);
  if (!status.ok()) return status;
  auto context = NewContext(TLS_server_method());
  if (!context.ok()) return context.status();
  SSL_CTX* const raw = context->get();
  if (SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) != 1) {
    return Status(
        StatusCode::kInvalidArgument,
        "certificate file " + certificate_file + ": holds no certificate in PEM: " + TakeError());
  }
  status = LoadKey(raw, certificate_file, key_file);
  if (!status.ok()) return status;
  SSL_CTX_set_alpn_select_cb(raw, SelectProtocol, nullptr);
  std::string warning = WarningOf(raw, certificate_file);
  return std::shared_ptr<const TlsServer>(
      std::make_shared<Server>(*std::move(context), std::move(warning)));
}

}  // namespace stacksampler::http
