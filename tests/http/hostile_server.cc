// SPDX-License-Identifier: MIT
#include "http/hostile_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "base/unique_fd.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

std::string ReceiveRequest(int fd) {
  std::string request;
  char chunk[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = recv(fd, chunk, sizeof chunk, 0);
    if (count <= 0) break;
    request.append(chunk, static_cast<size_t>(count));
  }
  return request;
}

}  // namespace

HostileServer::HostileServer(Talk talk) : HostileServer(std::move(talk), true) {}

HostileServer::HostileServer(Begin /*begin*/, Talk talk) : HostileServer(std::move(talk), false) {}

HostileServer::HostileServer(Talk talk, bool reads_request)
    : talk_(std::move(talk)), reads_request_(reads_request) {
  auto listener = OpenListener("127.0.0.1", 0, 0);
  REQUIRE(listener.ok());
  listener_ = *std::move(listener);
  thread_ = std::thread([this] { Run(); });
}

HostileServer::HostileServer(std::string answer)
    : HostileServer([answer = std::move(answer)](int fd) { SendTo(fd, answer); }) {}

HostileServer::~HostileServer() {
  shutdown(listener_.fd.get(), SHUT_RDWR);  // wakes the poll() in Run()
  thread_.join();
}

void HostileServer::Run() {
  while (true) {
    pollfd entry{listener_.fd.get(), POLLIN, 0};
    poll(&entry, 1, -1);
    const UniqueFd fd(accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd.valid()) return;
    if (reads_request_) request_ = ReceiveRequest(fd.get());
    talk_(fd.get());
    shutdown(fd.get(), SHUT_WR);
  }
}

bool SendTo(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void SendForever(int fd, std::string_view block) {
  while (SendTo(fd, block)) {
  }
}

}  // namespace stacksampler::http
