// SPDX-License-Identifier: MIT
#include "http/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>

namespace stacksampler::http {
namespace {

constexpr int kGiveUpMs = 60000;  // a test that hangs shall fail instead

}  // namespace

RawSocket::RawSocket(uint16_t port, int receive_buffer_bytes, uint8_t last_byte)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
               sizeof receive_buffer_bytes);
  }
  SocketAddress address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  address.length = sizeof *v4;
  v4->sin_family = AF_INET;
  v4->sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffu) | last_byte);
  if (last_byte != 1) bind(fd_.get(), address.get(), address.length);
  v4->sin_port = htons(port);
  v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Connect(address);
}

RawSocket::RawSocket(const std::string& unix_socket)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  Connect(RawUnixAddress(UnixPath(unix_socket)));
}

void RawSocket::Connect(const SocketAddress& address) {
  const timeval patience{kGiveUpMs / 1000, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd_.get(), address.get(), address.length) != 0) fd_.Close();
}

bool RawSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

std::string RawSocket::ReceiveAll(size_t max_bytes) {
  std::string all;
  char chunk[64 << 10];
  while (all.size() < max_bytes) {
    const ssize_t count = recv(fd_.get(), chunk, std::min(sizeof chunk, max_bytes - all.size()), 0);
    if (count <= 0) break;
    all.append(chunk, static_cast<size_t>(count));
  }
  return all;
}

bool RawSocket::IsClosedByPeer() {
  char byte = 0;
  const ssize_t count = recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

void RawSocket::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.Close();
}

std::string Ask(uint16_t port, std::string_view request) {
  RawSocket socket(port);
  socket.Send(request);
  return socket.ReceiveAll();
}

std::string GetRequest(std::string_view target, std::string_view more) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
         "\r\n";
}

int StatusOf(std::string_view answer) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (answer.substr(0, kVersion.size()) != kVersion) return 0;
  return std::atoi(std::string(answer.substr(kVersion.size(), 3)).c_str());
}

std::string BodyOf(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

std::string HeaderOf(const std::string& answer, const std::string& name) {
  const std::string head = answer.substr(0, answer.find("\r\n\r\n") + 2);
  const size_t begin = head.find("\r\n" + name + ": ");
  if (begin == std::string::npos) return {};
  const size_t value = begin + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

}  // namespace stacksampler::http
