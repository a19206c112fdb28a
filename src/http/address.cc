// SPDX-License-Identifier: MIT
#include "http/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "http/client.h"
#include "http/head.h"
#include "http/server.h"

namespace stacksampler::http {
namespace {

constexpr char kMappedPrefix[] = "::ffff:";
constexpr size_t kMappedPrefixBytes = sizeof kMappedPrefix - 1;

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

std::string JoinHostPort(const std::string& host, uint16_t port) {
  const std::string bare = StripBrackets(host);
  const std::string shown = bare.find(':') == std::string::npos ? bare : '[' + bare + ']';
  return shown + ':' + std::to_string(port);
}

bool IsLoopback(const std::string& host) {
  const std::string bare = ToLower(StripBrackets(host));
  if (bare == "localhost" || bare.rfind("unix:", 0) == 0) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, bare.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6{};
  return inet_pton(AF_INET6, bare.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace stacksampler::http
