// SPDX-License-Identifier: MIT
#include "http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "base/errno_status.h"
#include "http/address.h"
#include "http/client.h"
#include "http/resolver.h"

namespace stacksampler::http {
namespace {

constexpr int kBacklog = SOMAXCONN;  // a full one costs a newcomer a second

uint16_t BoundPort(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  getsockname(fd, address.get(), &address.length);
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
  return ntohs(address.storage.ss_family == AF_INET6 ? v6->sin6_port : v4->sin_port);
}

// 0 or errno. SO_REUSEADDR only takes over what lingers in TIME_WAIT; two listeners stay
// impossible.
int Bind(const SocketAddress& address, UniqueFd* fd) {
  *fd = UniqueFd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd->valid()) return errno;
  const int on = 1;
  setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd->get(), address.get(), address.length) != 0) return errno;
  return listen(fd->get(), kBacklog) == 0 ? 0 : errno;
}

bool IsUnusableAddress(int error) { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT; }

// nullopt: the port is taken.
std::optional<Result<Listener>> OpenOnPort(const std::string& host, uint16_t port) {
  auto addresses = SystemLookup(StripBrackets(host), port, AI_PASSIVE);
  if (!addresses.ok()) {
    return Status(StatusCode::kInvalidArgument,
                  addresses.status().message() + "; pass an address of this machine to listen on");
  }
  int error = 0;
  for (const SocketAddress& address : *addresses) {
    Listener listener;
    error = Bind(address, &listener.fd);
    if (error == EADDRINUSE) return std::nullopt;
    if (error == 0) {
      listener.port = BoundPort(listener.fd.get());
      return listener;
    }
    if (!IsUnusableAddress(error)) break;
  }
  return ErrnoStatus(error, "listen on " + JoinHostPort(host, port),
                     IsUnusableAddress(error) ? "pass an address of this machine"
                                              : "pass another address or port");
}

Result<Listener> OpenUnixListener(const std::string& host) {
  Listener listener;
  listener.fd = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd.valid()) return ErrnoStatus(errno, "listen on " + host);
  auto file = SocketFile::Listen(listener.fd.get(), host, kBacklog);
  if (!file.ok()) return file.status();
  listener.file = *std::move(file);
  return listener;
}

Status TakenStatus(const std::string& host, uint16_t port, uint16_t last_port,
                   const std::string& way_to_another_port) {
  if (port == last_port) {
    return {StatusCode::kAlreadyExists, "listen on " + JoinHostPort(host, port) +
                                            ": the port is taken; " + way_to_another_port};
  }
  return {StatusCode::kAlreadyExists, "listen on " + JoinHostPort(host, port) + ".." +
                                          std::to_string(last_port) +
                                          ": every port is taken; pass another or a wider range"};
}

}  // namespace

Result<Listener> OpenListener(const std::string& host, uint16_t port, uint16_t last_port,
                              const std::string& way_to_another_port) {
  if (IsUnixSocket(host)) return OpenUnixListener(host);
  if (last_port == 0) last_port = port;
  if (host.empty() || last_port < port || (port == 0 && last_port != 0)) {
    return Status(StatusCode::kInvalidArgument,
                  "listen on " + JoinHostPort(host, port) + ".." + std::to_string(last_port) +
                      ": pass a host and a first port that is not above the last");
  }
  for (uint32_t candidate = port; candidate <= last_port; ++candidate) {
    auto listener = OpenOnPort(host, static_cast<uint16_t>(candidate));
    if (listener) return *std::move(listener);
  }
  return TakenStatus(host, port, last_port, way_to_another_port);
}

}  // namespace stacksampler::http
