// SPDX-License-Identifier: MIT
//
// Purpose: hosts, ports and socket addresses as text; a unix socket stands where a host does, as
//   "unix:/run/app.sock". JoinHostPort() stands in client.h, IsLoopback() in server.h.
// Thread safety: free functions, any thread.
// Errors: kInvalidArgument naming the socket and what its path must be.
#ifndef STACKSAMPLER_HTTP_ADDRESS_H_
#define STACKSAMPLER_HTTP_ADDRESS_H_

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "stacksampler/status.h"

namespace stacksampler::http {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// "10.0.0.7", "fe80::1%eth0"; an IPv4 peer of an IPv6 socket is shown as IPv4, one of a unix
/// socket, whoever it is, as "unix".
std::string NumericHost(const SocketAddress& address);

/// "[::1]" -> "::1"; anything else as it is.
std::string StripBrackets(const std::string& host);

/// An IPv4 or (unbracketed) IPv6 address.
bool IsIpAddress(const std::string& host);

/// The host of a Host header, in lower case, without brackets and port; nullopt when malformed.
std::optional<std::string> HostOfHeader(const std::string& value);

/// What this machine calls itself, with its domain, where it knows one, and without. Asks no name
/// service.
std::vector<std::string> OwnHostNames();

/// Between a path and its socket's temporary name, which must fit into a socket's address as well.
inline constexpr size_t kUnixSuffixBytes = 7;
inline constexpr size_t kMaxUnixPathBytes = 100;

/// "unix:/run/app.sock" and whatever else begins like that.
bool IsUnixSocket(const std::string& host);
/// "/run/app.sock" -> "unix:/run/app.sock", and back.
std::string UnixHost(const std::string& path);
std::string UnixPath(const std::string& host);
/// The path must be absolute, of at most kMaxUnixPathBytes, and without spaces and control bytes.
Result<SocketAddress> UnixAddress(const std::string& host);
/// REQUIRES: `path` fits, as one of kMaxUnixPathBytes with a suffix does.
SocketAddress RawUnixAddress(const std::string& path);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_ADDRESS_H_
