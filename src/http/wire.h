// SPDX-License-Identifier: MIT
//
// Purpose: the client's end of a connection: bytes out and in, through TLS or as they are, under one
//   absolute deadline and one budget.
// Thread safety: one thread at a time.
// Signal safety: none; raises no SIGPIPE.
// Errors: kUnavailable (time-out, broken connection), kResourceExhausted (the budget), kDataLoss (not
//   TLS, cut off), kPermissionDenied (a certificate that is not good). The first one stays.
#ifndef STACKSAMPLER_HTTP_WIRE_H_
#define STACKSAMPLER_HTTP_WIRE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "http/deadline.h"
#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

class Wire {
 public:
  /// `fd`: a connected, non-blocking socket. `tls`: null for none. Both must outlive the wire.
  Wire(int fd, TlsSession* tls, size_t max_bytes, Deadline deadline)
      : fd_(fd), tls_(tls), max_bytes_(max_bytes), deadline_(deadline) {}

  [[nodiscard]] const Status& status() const { return status_; }
  /// Keeps the first failure. Always -1.
  ssize_t Fail(Status status);

  /// REQUIRES: before all else. With TLS, agrees with the peer; without, does nothing.
  void Handshake();
  /// False after Fail(). What a peer that closes will not read is taken for sent: it may have
  /// answered already.
  bool Send(std::string_view bytes);
  /// Appends to `bytes` what comes next, in pieces large enough for a reader that takes one byte at
  /// a time. How many, 0 at the end, -1 after Fail().
  ssize_t Receive(std::string* bytes);

 private:
  bool WaitFor(short events);
  bool SendRaw(std::string_view bytes);
  ssize_t ReceiveRaw(char* to, size_t size);
  ssize_t Decrypt(std::string_view wire, std::string* bytes);
  bool LooksLikeTls(std::string_view wire);

  const int fd_;
  TlsSession* const tls_;
  const size_t max_bytes_;
  const Deadline deadline_;
  size_t received_bytes_ = 0;
  Status status_;
  std::string early_;  // came with the end of the handshake
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_WIRE_H_
