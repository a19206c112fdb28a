// SPDX-License-Identifier: MIT
//
// Purpose: one accepted connection on its one way: read a head, wait for the handler, write the
//   answer, let the peer hang up, with or without TLS around all that. Every phase that waits for
//   the peer has a deadline; that of the head begins with the connection, TLS's handshake included.
// Thread safety: none; the server loop's own.
#ifndef STACKSAMPLER_HTTP_CONNECTION_H_
#define STACKSAMPLER_HTTP_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "http/deadline.h"
#include "http/head.h"
#include "http/tls.h"

namespace stacksampler::http {

class Connection {
 public:
  enum class Phase {
    kReading,
    kWaiting,  // for a worker
    kWriting,
    kLingering,  // all is sent; closing with unread input would make the kernel drop the answer
    kGone,
  };

  /// `tls`: null for none.
  Connection(UniqueFd fd, std::string address, const HeadLimits& limits, Deadline deadline,
             std::unique_ptr<TlsSession> tls = nullptr)
      : fd_(std::move(fd)),
        address_(std::move(address)),
        scanner_(limits),
        deadline_(deadline),
        tls_(std::move(tls)) {}

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] Deadline deadline() const { return deadline_; }
  /// What poll(2) shall wait for; a reset shows whatever it is.
  [[nodiscard]] int poll_fd() const { return is_polled_ ? fd_.get() : -1; }
  [[nodiscard]] short poll_events() const;
  [[nodiscard]] bool has_input() const { return !in_.empty(); }
  [[nodiscard]] bool is_answered() const { return is_answered_; }
  [[nodiscard]] size_t unsent_bytes() const { return out_.size() - sent_ + wire_.size(); }

  /// REQUIRES: kReading. Takes in what is there; kGone when the peer left.
  HeadState ReadHead();
  /// After kComplete. Moves on to kWaiting; what came behind the head is never looked at.
  std::string TakeHead();

  /// Moves on to kWriting and sends what the socket takes.
  void StartWriting(std::string bytes, std::chrono::milliseconds within);
  /// REQUIRES: kWriting. Moves on to kLingering when all is sent, kGone when the peer left.
  void Write();
  /// REQUIRES: kLingering. Throws input away; kGone at its end.
  void Drain();
  /// REQUIRES: kWaiting. The peer has reset, which poll(2) would tell again and again.
  void StopPolling() { is_polled_ = false; }
  void Close();
  /// As Close(), but leaves the descriptor alone: it is not ours any more.
  void Abandon() {
    phase_ = Phase::kGone;
    fd_.Release();
  }

 private:
  void TakeIn(std::string_view bytes, HeadState* state);
  bool SendWire();
  void WritePlain();
  void WriteEncrypted();
  bool EncryptNext();
  void AllSent();

  UniqueFd fd_;
  std::string address_;
  Phase phase_ = Phase::kReading;
  std::string in_;
  HeadScanner scanner_;
  std::string out_;
  size_t sent_ = 0;
  bool is_answered_ = false;
  bool is_polled_ = true;
  size_t drained_bytes_ = 0;
  Deadline deadline_;
  std::unique_ptr<TlsSession> tls_;
  std::string wire_;  // of TLS, yet to be sent
  size_t wire_bytes_read_ = 0;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_CONNECTION_H_
