// SPDX-License-Identifier: MIT
#include "http/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace stacksampler::http {
namespace {

constexpr size_t kReadChunkBytes = 4096;
// A handshake and a head at their largest, and what TLS puts around both.
constexpr size_t kMaxTlsBytesBeforeHead = 128 << 10;
constexpr size_t kTlsPieceBytes = 16 << 10;  // one record
constexpr int kTlsPiecesPerTurn = 32;        // then the other connections get their turn
constexpr size_t kMaxDrainedBytes = size_t{1} << 20;
constexpr std::chrono::milliseconds kLingerTime{1000};

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

short Connection::poll_events() const {
  if (phase_ == Phase::kWaiting) return 0;
  if (phase_ == Phase::kWriting) return POLLOUT;
  return wire_.empty() ? POLLIN : POLLIN | POLLOUT;
}

HeadState Connection::ReadHead() {
  HeadState state = HeadState::kIncomplete;
  if (!SendWire()) Close();
  while (state == HeadState::kIncomplete && phase_ == Phase::kReading) {
    char chunk[kReadChunkBytes];
    const ssize_t count = recv(fd_.get(), chunk, sizeof chunk, 0);
    if (count < 0 && WouldBlock()) break;
    if (count <= 0) {
      Close();
      break;
    }
    TakeIn({chunk, static_cast<size_t>(count)}, &state);
  }
  return state;
}

void Connection::TakeIn(std::string_view bytes, HeadState* state) {
  if (!tls_) {
    in_.append(bytes);
    *state = scanner_.Scan(in_);
    return;
  }
  if (wire_bytes_read_ == 0 && bytes[0] != kTlsHandshakeByte) {
    tls_.reset();  // what was meant as HTTP gets an answer that it can read
    *state = HeadState::kNotTls;
    return;
  }
  wire_bytes_read_ += bytes.size();
  const bool is_good = tls_->Receive(bytes, &in_).ok();
  wire_ += tls_->TakeWire();
  const bool is_sent = SendWire();  // or the alert, as far as it goes
  if (!is_good || !is_sent || wire_bytes_read_ > kMaxTlsBytesBeforeHead) return Close();
  *state = scanner_.Scan(in_);
}

// False when the peer has gone.
bool Connection::SendWire() {
  if (wire_.empty()) return true;
  const ssize_t count = send(fd_.get(), wire_.data(), wire_.size(), MSG_NOSIGNAL);
  if (count < 0) return WouldBlock();
  wire_.erase(0, static_cast<size_t>(count));
  return true;
}

std::string Connection::TakeHead() {
  phase_ = Phase::kWaiting;
  deadline_ = Deadline::Never();  // a handler takes as long as it takes
  in_.resize(scanner_.head_bytes());
  return std::exchange(in_, {});
}

void Connection::StartWriting(std::string bytes, std::chrono::milliseconds within) {
  phase_ = Phase::kWriting;
  is_polled_ = true;
  deadline_ = Deadline::After(within);
  in_ = {};
  out_ = std::move(bytes);
  Write();
}

void Connection::Write() { return tls_ ? WriteEncrypted() : WritePlain(); }

void Connection::WriteEncrypted() {
  for (int i = 0; i < kTlsPiecesPerTurn; ++i) {
    if (wire_.empty() && !EncryptNext()) return Close();
    if (!SendWire()) return Close();
    if (!wire_.empty()) return;  // the peer has to read first
    if (sent_ == out_.size()) return AllSent();
  }
}

// The last piece carries TLS's end as well.
bool Connection::EncryptNext() {
  const std::string_view piece = std::string_view(out_).substr(sent_, kTlsPieceBytes);
  if (!tls_->Send(piece).ok()) return false;
  sent_ += piece.size();
  if (sent_ == out_.size()) tls_->Close();
  wire_ = tls_->TakeWire();
  return true;
}

void Connection::WritePlain() {
  const ssize_t count = send(fd_.get(), out_.data() + sent_, unsent_bytes(), MSG_NOSIGNAL);
  if (count < 0) {
    if (!WouldBlock()) Close();
    return;
  }
  sent_ += static_cast<size_t>(count);
  if (unsent_bytes() == 0) AllSent();
}

void Connection::AllSent() {
  out_ = {};
  sent_ = 0;
  is_answered_ = true;
  phase_ = Phase::kLingering;
  deadline_ = Deadline::After(kLingerTime);
  shutdown(fd_.get(), SHUT_WR);
  Drain();
}

void Connection::Drain() {
  char chunk[kReadChunkBytes];
  ssize_t count = 0;
  while (drained_bytes_ <= kMaxDrainedBytes &&
         (count = recv(fd_.get(), chunk, sizeof chunk, 0)) > 0) {
    drained_bytes_ += static_cast<size_t>(count);
  }
  if (count < 0 && WouldBlock()) return;
  Close();
}

void Connection::Close() {
  phase_ = Phase::kGone;
  // A forked child may hold a copy of the descriptor: the peer shall see the end all the same.
  if (fd_.valid()) shutdown(fd_.get(), SHUT_RDWR);
  fd_.Close();
}

}  // namespace stacksampler::http
