// SPDX-License-Identifier: MIT
#include "http/tls/openssl_session.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <utility>

#include "http/tls/context.h"

namespace stacksampler::http {
namespace {

constexpr size_t kReadBytes = 16 << 10;  // of the largest record

Status BadCertificate(long result) {
  const std::string reason = X509_verify_cert_error_string(result);
  const bool is_stranger =
      result != X509_V_ERR_HOSTNAME_MISMATCH && result != X509_V_ERR_IP_ADDRESS_MISMATCH &&
      result != X509_V_ERR_CERT_HAS_EXPIRED && result != X509_V_ERR_CERT_NOT_YET_VALID;
  return {StatusCode::kPermissionDenied,
          "its certificate is refused: " + reason +
              (is_stranger ? "; name its authority's file with --ca-file" : "")};
}

}  // namespace

Status OpensslSession::Start(End end) {
  in_ = BIO_new(BIO_s_mem());
  out_ = BIO_new(BIO_s_mem());
  if (in_ == nullptr || out_ == nullptr) {
    BIO_free(in_);
    BIO_free(out_);
    return {StatusCode::kResourceExhausted, "begin a TLS session: out of memory"};
  }
  SSL_set_bio(ssl_.get(), in_, out_);
  if (end == End::kServer) {
    SSL_set_accept_state(ssl_.get());
    return Status::Ok();
  }
  SSL_set_connect_state(ssl_.get());
  return Handshake();
}

Status OpensslSession::FailureAfter(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return Status::Ok();
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return BadCertificate(verified);
  }
  return {StatusCode::kDataLoss, "TLS: " + TakeError()};
}

Status OpensslSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Status::Ok() : FailureAfter(result);
}

Status OpensslSession::ReadPlain(std::string* plain) {
  char bytes[kReadBytes];
  int count = 0;
  ERR_clear_error();
  while ((count = SSL_read(ssl_.get(), bytes, sizeof bytes)) > 0) {
    plain->append(bytes, static_cast<size_t>(count));
  }
  is_ended_ = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
  return is_ended_ ? Status::Ok() : FailureAfter(count);
}

Status OpensslSession::Receive(std::string_view wire, std::string* plain) {
  if (BIO_write(in_, wire.data(), static_cast<int>(wire.size())) != static_cast<int>(wire.size())) {
    return {StatusCode::kResourceExhausted, "TLS: out of memory"};
  }
  if (!is_established()) {
    if (Status status = Handshake(); !status.ok()) return status;
  }
  return is_established() ? ReadPlain(plain) : Status::Ok();
}

Status OpensslSession::Send(std::string_view plain) {
  ERR_clear_error();
  size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
  if (result == 1 && written == plain.size()) return Status::Ok();
  return {StatusCode::kDataLoss, "TLS: " + TakeError()};
}

void OpensslSession::Close() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string OpensslSession::TakeWire() {
  std::string wire(BIO_pending(out_), '\0');
  if (wire.empty()) return wire;
  const int count = BIO_read(out_, wire.data(), static_cast<int>(wire.size()));
  wire.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return wire;
}

bool OpensslSession::is_established() const { return SSL_is_init_finished(ssl_.get()) == 1; }

}  // namespace stacksampler::http
