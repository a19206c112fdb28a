// SPDX-License-Identifier: MIT
#include "http/wire.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_status.h"

namespace stacksampler::http {
namespace {

constexpr size_t kReadChunkBytes = 16 << 10;

}  // namespace

ssize_t Wire::Fail(Status status) {
  if (status_.ok()) status_ = std::move(status);
  return -1;
}

bool Wire::WaitFor(short events) {
  pollfd entry{fd_, events, 0};
  while (!deadline_.passed()) {
    const int count = poll(&entry, 1, deadline_.PollTimeout());
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) break;
  }
  Fail({StatusCode::kUnavailable, "the answer did not come in time"});
  return false;
}

bool Wire::SendRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!status_.ok() || !WaitFor(POLLOUT)) return false;
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return true;
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
      Fail({StatusCode::kUnavailable, ErrnoStatus(errno, "send").message()});
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }
  return true;
}

bool Wire::Send(std::string_view bytes) {
  if (!status_.ok()) return false;
  if (tls_ == nullptr) return SendRaw(bytes);
  // In pieces, so that a large body is not held twice.
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kReadChunkBytes);
    if (Status status = tls_->Send(piece); !status.ok()) return Fail(std::move(status)) == 0;
    if (!SendRaw(tls_->TakeWire())) return false;
    bytes.remove_prefix(piece.size());
  }
  return true;
}

ssize_t Wire::ReceiveRaw(char* to, size_t size) {
  while (true) {
    if (!status_.ok() || !WaitFor(POLLIN)) return -1;
    const ssize_t count = recv(fd_, to, size, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0) {
      return Fail({StatusCode::kUnavailable, ErrnoStatus(errno, "receive").message()});
    }
    received_bytes_ += static_cast<size_t>(count);
    if (received_bytes_ <= max_bytes_) return count;
    return Fail({StatusCode::kResourceExhausted,
                 "the answer is larger than " + std::to_string(max_bytes_) + " bytes"});
  }
}

// -1 after Fail(), else how many bytes came out of it.
ssize_t Wire::Decrypt(std::string_view wire, std::string* bytes) {
  const size_t before = bytes->size();
  Status status = tls_->Receive(wire, bytes);
  const std::string answer = tls_->TakeWire();  // of the handshake, or what is wrong
  if (!status.ok()) {
    send(fd_, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return Fail(std::move(status));
  }
  if (!SendRaw(answer)) return -1;
  return static_cast<ssize_t>(bytes->size() - before);
}

ssize_t Wire::Receive(std::string* bytes) {
  if (!early_.empty()) {
    bytes->append(early_);
    return static_cast<ssize_t>(std::exchange(early_, {}).size());
  }
  char chunk[kReadChunkBytes];
  while (true) {
    if (tls_ != nullptr && tls_->is_ended()) return 0;
    const ssize_t count = ReceiveRaw(chunk, sizeof chunk);
    if (count < 0) return count;
    if (tls_ == nullptr) {
      bytes->append(chunk, static_cast<size_t>(count));
      return count;
    }
    if (count == 0) return Fail({StatusCode::kDataLoss, "the answer was cut off"});
    const ssize_t plain = Decrypt({chunk, static_cast<size_t>(count)}, bytes);
    if (plain != 0) return plain;
  }
}

bool Wire::LooksLikeTls(std::string_view wire) {
  if (wire[0] == kTlsHandshakeByte || wire[0] == kTlsAlertByte) return true;
  Fail({StatusCode::kDataLoss, "no TLS is spoken at this port; write http:// to ask without"});
  return false;
}

void Wire::Handshake() {
  if (tls_ == nullptr || !SendRaw(tls_->TakeWire())) return;
  char chunk[kReadChunkBytes];
  while (!tls_->is_established()) {
    const ssize_t count = ReceiveRaw(chunk, sizeof chunk);
    if (count < 0) return;
    if (count == 0) {
      Fail({StatusCode::kUnavailable, "TLS: closed before both sides had agreed"});
      return;
    }
    const std::string_view wire(chunk, static_cast<size_t>(count));
    if (received_bytes_ == wire.size() && !LooksLikeTls(wire)) return;
    if (Decrypt(wire, &early_) < 0) return;
  }
}

}  // namespace stacksampler::http
