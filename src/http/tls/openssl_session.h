// SPDX-License-Identifier: MIT
//
// Purpose: a TlsSession by OpenSSL over two memory BIOs: it never sees a socket.
// Thread safety: one thread at a time.
// Signal safety: none.
// Errors: as TlsSession.
#ifndef STACKSAMPLER_HTTP_TLS_OPENSSL_SESSION_H_
#define STACKSAMPLER_HTTP_TLS_OPENSSL_SESSION_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "http/tls.h"

namespace stacksampler::http {

class OpensslSession : public TlsSession {
 public:
  enum class End { kServer, kClient };
  /// A client's first message is ready at once. `prepare` may set what the handshake needs, and
  /// says whether that worked.
  template <typename Prepare>
  static Result<std::unique_ptr<TlsSession>> New(SSL_CTX* context, End end, Prepare prepare);

  Status Receive(std::string_view wire, std::string* plain) override;
  Status Send(std::string_view plain) override;
  void Close() override;
  std::string TakeWire() override;
  [[nodiscard]] bool is_established() const override;
  [[nodiscard]] bool is_ended() const override { return is_ended_; }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  explicit OpensslSession(SSL* ssl) : ssl_(ssl) {}
  /// With memory for input and output, and its side of the handshake begun.
  Status Start(End end);
  Status Handshake();
  Status ReadPlain(std::string* plain);
  Status FailureAfter(int result) const;

  std::unique_ptr<SSL, FreeSsl> ssl_;
  BIO* in_ = nullptr;   // ssl_'s own
  BIO* out_ = nullptr;  // ssl_'s own
  bool is_ended_ = false;
};

template <typename Prepare>
Result<std::unique_ptr<TlsSession>> OpensslSession::New(SSL_CTX* context, End end,
                                                        Prepare prepare) {
  std::unique_ptr<OpensslSession> session(new OpensslSession(SSL_new(context)));
  if (!session->ssl_ || !prepare(session->ssl_.get())) {
    return Status(StatusCode::kResourceExhausted, "begin a TLS session: out of memory");
  }
  if (Status status = session->Start(end); !status.ok()) return status;
  return std::unique_ptr<TlsSession>(std::move(session));
}

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_TLS_OPENSSL_SESSION_H_
