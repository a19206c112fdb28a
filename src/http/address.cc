// SPDX-License-Identifier: MIT
#include "http/address.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "http/client.h"
#include "http/head.h"
#include "http/server.h"

namespace stacksampler::http {
namespace {

constexpr char kMappedPrefix[] = "::ffff:";
constexpr size_t kMappedPrefixBytes = sizeof kMappedPrefix - 1;
constexpr char kUnixPrefix[] = "unix:";
constexpr size_t kUnixPrefixBytes = sizeof kUnixPrefix - 1;
static_assert(kMaxUnixPathBytes + kUnixSuffixBytes < sizeof sockaddr_un::sun_path);

bool IsIpv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// Empty is a port too: "localhost:" means the default one.
bool IsPort(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string NumericHost(const SocketAddress& address) {
  if (address.storage.ss_family == AF_UNIX) return "unix";
  char text[NI_MAXHOST] = "";
  if (getnameinfo(address.get(), address.length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) !=
      0) {
    return "unknown";
  }
  std::string host = text;
  if (host.rfind(kMappedPrefix, 0) == 0 && IsIpv4(host.substr(kMappedPrefixBytes))) {
    return host.substr(kMappedPrefixBytes);
  }
  return host;
}

std::string StripBrackets(const std::string& host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return host;
  return host.substr(1, host.size() - 2);
}

bool IsIpAddress(const std::string& host) {
  in6_addr address{};
  return IsIpv4(host) || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::optional<std::string> HostOfHeader(const std::string& value) {
  const size_t name_end = value.rfind(']') == std::string::npos ? 0 : value.rfind(']');
  const size_t colon = value.find(':', name_end);
  const std::string name = value.substr(0, colon);
  if (colon != std::string::npos && !IsPort(value.substr(colon + 1))) return std::nullopt;
  const std::string host = ToLower(StripBrackets(name));
  if (host.empty() || host.find_first_of("[]/@ \t,") != std::string::npos) return std::nullopt;
  return host;
}

std::vector<std::string> OwnHostNames() {
  char text[HOST_NAME_MAX + 1] = "";
  if (gethostname(text, sizeof text) != 0) return {};
  const std::string name(text, strnlen(text, sizeof text));
  if (name.empty()) return {};
  return {name, name.substr(0, name.find('.'))};
}

bool IsUnixSocket(const std::string& host) { return host.rfind(kUnixPrefix, 0) == 0; }

std::string UnixHost(const std::string& path) { return kUnixPrefix + path; }

std::string UnixPath(const std::string& host) { return host.substr(kUnixPrefixBytes); }

SocketAddress RawUnixAddress(const std::string& path) {
  SocketAddress address;
  auto* const name = reinterpret_cast<sockaddr_un*>(&address.storage);
  assert(path.size() < sizeof name->sun_path);
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.length = sizeof *name;
  return address;
}

Result<SocketAddress> UnixAddress(const std::string& host) {
  const std::string path = UnixPath(host);
  const bool is_plain = std::all_of(path.begin(), path.end(),
                                    [](char c) { return c < 0 || (c > ' ' && c != '\x7f'); });
  if (path.empty() || path[0] != '/' || !is_plain || path.size() > kMaxUnixPathBytes) {
    return Status(StatusCode::kInvalidArgument,
                  "'" + host + "': write an absolute path of at most " +
                      std::to_string(kMaxUnixPathBytes) +
                      " bytes without spaces, for example unix:/run/app/profile.sock");
  }
  return RawUnixAddress(path);
}

std::string JoinHostPort(const std::string& host, uint16_t port) {
  if (IsUnixSocket(host)) return host;
  const std::string bare = StripBrackets(host);
  const std::string shown = bare.find(':') == std::string::npos ? bare : '[' + bare + ']';
  return shown + ':' + std::to_string(port);
}

std::string UrlOf(const std::string& host, uint16_t port, bool tls) {
  return IsUnixSocket(host) ? host : (tls ? "https://" : "http://") + JoinHostPort(host, port);
}

bool IsLoopback(const std::string& host) {
  const std::string bare = ToLower(StripBrackets(host));
  if (bare == "localhost" || IsUnixSocket(host)) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, bare.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6{};
  return inet_pton(AF_INET6, bare.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace stacksampler::http
