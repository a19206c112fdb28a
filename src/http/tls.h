// SPDX-License-Identifier: MIT
//
// Purpose: TLS as a filter of bytes. Whoever has the socket sends and receives, so that deadlines,
//   budgets and signals stay where they are. These are the interfaces alone: what does it stands in
//   http/tls, and a server or client without it needs no OpenSSL.
// Thread safety: a session is one thread's at a time; servers and clients are for any thread.
// Signal safety: none.
// Errors: kDataLoss (the peer broke the protocol), kPermissionDenied (its certificate is not good).
#ifndef STACKSAMPLER_HTTP_TLS_H_
#define STACKSAMPLER_HTTP_TLS_H_

#include <memory>
#include <string>
#include <string_view>

#include "stacksampler/status.h"

namespace stacksampler::http {

/// What every TLS client says first; HTTP never begins like that.
inline constexpr char kTlsHandshakeByte = 0x16;
inline constexpr char kTlsAlertByte = 0x15;

class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  virtual ~TlsSession() = default;

  /// Takes what came from the wire, and appends what it carried to `plain`. After an error the
  /// session is only good for what TakeWire() gives: the alert that tells the peer.
  virtual Status Receive(std::string_view wire, std::string* plain) = 0;
  /// REQUIRES: is_established().
  virtual Status Send(std::string_view plain) = 0;
  /// Tells the peer that nothing more will be sent.
  virtual void Close() = 0;
  /// What is to be sent now; the session lets go of it.
  virtual std::string TakeWire() = 0;

  [[nodiscard]] virtual bool is_established() const = 0;
  /// The peer said that it sends nothing more: an end without that may have been cut off.
  [[nodiscard]] virtual bool is_ended() const = 0;
};

class TlsServer {
 public:
  TlsServer() = default;
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  virtual ~TlsServer() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<TlsSession>> NewSession() const = 0;
  /// What whoever started the server should know, such as an expired certificate; "" for nothing.
  [[nodiscard]] virtual const std::string& warning() const = 0;
};

class TlsClient {
 public:
  TlsClient() = default;
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  virtual ~TlsClient() = default;

  /// `host`: name or address (without brackets) that the certificate must be for.
  [[nodiscard]] virtual Result<std::unique_ptr<TlsSession>> NewSession(
      const std::string& host) const = 0;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_TLS_H_
