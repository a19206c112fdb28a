// SPDX-License-Identifier: MIT
#include "farm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace stacksampler::bench {
namespace {

constexpr uint64_t kRestartEach = 200;
constexpr uint64_t kIsListener = uint64_t{1} << 32;
constexpr int kWaitMs = 100;
constexpr int kEventsAtOnce = 64;
constexpr int kBacklog = 16;

// Of "/window?name=value&..."; "" when it is absent.
std::string_view ValueOf(std::string_view request, std::string_view name) {
  const size_t at = request.find(name);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = request.substr(at + name.size());
  return rest.substr(0, rest.find_first_of("& "));
}

UniqueFd ListenAnywhere(uint16_t* port) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (!listener.valid() || bind(listener.get(), general, length) != 0 ||
      listen(listener.get(), kBacklog) != 0 || getsockname(listener.get(), general, &length) != 0) {
    std::perror("soak: listen");
    std::exit(EXIT_FAILURE);
  }
  *port = ntohs(address.sin_port);
  return listener;
}

void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // it is offered again
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void Watch(int poll, int fd, uint64_t data) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = data;
  if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0) return;
  std::perror("soak: epoll_ctl");
  std::exit(EXIT_FAILURE);
}

}  // namespace

Farm::Farm(const FarmOptions& options, const SoakClock& clock, Bodies* bodies, Ledger* ledger)
    : options_(options), clock_(clock), bodies_(bodies), ledger_(ledger) {
  Listen();
  thread_ = std::thread([this] { Run(); });
}

Farm::~Farm() {
  stopping_ = true;
  thread_.join();
  for (const auto& connection : connections_) close(connection.first);
}

void Farm::Listen() {
  poll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  targets_.resize(options_.targets);
  ports_.resize(options_.targets);
  for (size_t i = 0; i < targets_.size(); ++i) {
    listeners_.push_back(ListenAnywhere(&ports_[i]));
    Watch(poll_.get(), listeners_.back().get(), kIsListener | i);
  }
}

void Farm::Run() {
  while (!stopping_) {
    epoll_event events[kEventsAtOnce];
    const int count = epoll_wait(poll_.get(), events, kEventsAtOnce, kWaitMs);
    for (int i = 0; i < count; ++i) {
      const uint64_t data = events[i].data.u64;
      if ((data & kIsListener) != 0) {
        Accept(data & ~kIsListener);
      } else {
        Read(static_cast<int>(data));
      }
    }
    DeployWhenDue();
  }
}

void Farm::Accept(size_t target) {
  const int fd = accept4(listeners_[target].get(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  connections_[fd] = {target, ""};
  Watch(poll_.get(), fd, static_cast<uint64_t>(fd));
}

void Farm::Read(int fd) {
  char bytes[4096];
  Connection& connection = connections_[fd];
  const ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got > 0) connection.request.append(bytes, static_cast<size_t>(got));
  const bool complete = connection.request.find("\r\n\r\n") != std::string::npos;
  if (got > 0 && !complete) return;
  if (complete) SendAll(fd, Answer(connection.target, connection.request));
  connections_.erase(fd);
  close(fd);
}

std::string Farm::InstanceOf(size_t index, const Target& target) {
  char text[40];
  std::snprintf(text, sizeof text, "%016zx%016llx", index,
                static_cast<unsigned long long>(target.life));
  return text;
}

std::string Farm::Answer(size_t index, std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::string turn(ValueOf(line, "turn="));
  if (turn.empty()) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  const Target& target = targets_[index];
  const std::string ack = "ack=" + InstanceOf(index, target) + ":" + std::to_string(target.id);
  const auto names = [&](char behind) { return line.find(ack + behind) != std::string_view::npos; };
  if (target.turn != 0 && (names('&') || names(' '))) Acknowledged(index);
  Offer(index, std::stoll(turn));
  return Window(index);
}

// What was not acknowledged once more; nothing is sampled while somebody waits for that.
void Farm::Offer(size_t index, int64_t turn) {
  Target& target = targets_[index];
  if (target.turn != 0) {
    ledger_->GaveUp(target.turn);
    ++offered_again_;
  } else {
    target.body = bodies_->Choose(index, target.windows);
  }
  ++target.id;
  target.turn = turn;
  ledger_->Asked(turn);
}

std::string Farm::Window(size_t index) const {
  const Target& target = targets_[index];
  const std::string& body = bodies_->At(target.body).gzip;
  return "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.google.protobuf\r\n"
         "Content-Encoding: gzip\r\nConnection: close\r\nX-Stacksampler-Instance: " +
         InstanceOf(index, target) + "\r\nX-Stacksampler-Window: " + std::to_string(target.id) +
         "\r\nX-Stacksampler-Turn: " + std::to_string(target.turn) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void Farm::Acknowledged(size_t index) {
  Target& target = targets_[index];
  ++target.windows;
  const bool falsify = options_.falsify_each != 0 && target.windows % options_.falsify_each == 0;
  ledger_->Stored(index, target.turn, target.body,
                  bodies_->At(target.body).weight + (falsify ? 1 : 0));
  target.turn = 0;
  if ((target.windows + index) % kRestartEach != 0) return;
  ++target.life;
  target.id = 0;
  ++restarts_;
}

void Farm::DeployWhenDue() {
  if (options_.deploy_ns <= 0) return;
  const auto due = static_cast<uint64_t>((clock_.Now() - clock_.start_ns()) / options_.deploy_ns);
  if (deploys_ >= due) return;
  bodies_->Deploy();
  ++deploys_;
}

}  // namespace stacksampler::bench
