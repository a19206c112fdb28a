// SPDX-License-Identifier: MIT
//
// Purpose: hosts, ports and socket addresses as text. JoinHostPort() stands in client.h,
//   IsLoopback() in server.h.
// Thread safety: free functions, any thread.
#ifndef STACKSAMPLER_HTTP_ADDRESS_H_
#define STACKSAMPLER_HTTP_ADDRESS_H_

#include <sys/socket.h>

#include <optional>
#include <string>

namespace stacksampler::http {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// "10.0.0.7", "fe80::1%eth0"; an IPv4 peer of an IPv6 socket is shown as IPv4.
std::string NumericHost(const SocketAddress& address);

/// "[::1]" -> "::1"; anything else as it is.
std::string StripBrackets(const std::string& host);

/// An IPv4 or (unbracketed) IPv6 address.
bool IsIpAddress(const std::string& host);

/// The host of a Host header, in lower case, without brackets and port; nullopt when malformed.
std::optional<std::string> HostOfHeader(const std::string& value);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_ADDRESS_H_
