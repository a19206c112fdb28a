// SPDX-License-Identifier: MIT
#include "http/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace stacksampler::http {
namespace {

constexpr size_t kReadChunkBytes = 4096;
constexpr size_t kMaxDrainedBytes = size_t{1} << 20;
constexpr std::chrono::milliseconds kLingerTime{1000};

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

short Connection::poll_events() const {
  if (phase_ == Phase::kWaiting) return 0;
  return phase_ == Phase::kWriting ? POLLOUT : POLLIN;
}

HeadState Connection::ReadHead() {
  HeadState state = HeadState::kIncomplete;
  while (state == HeadState::kIncomplete) {
    char chunk[kReadChunkBytes];
    const ssize_t count = recv(fd_.get(), chunk, sizeof chunk, 0);
    if (count < 0 && WouldBlock()) break;
    if (count <= 0) {
      Close();
      break;
    }
    in_.append(chunk, static_cast<size_t>(count));
    state = scanner_.Scan(in_);
  }
  return state;
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

void Connection::Write() {
  const ssize_t count = send(fd_.get(), out_.data() + sent_, unsent_bytes(), MSG_NOSIGNAL);
  if (count < 0) {
    if (!WouldBlock()) Close();
    return;
  }
  sent_ += static_cast<size_t>(count);
  if (unsent_bytes() > 0) return;
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
