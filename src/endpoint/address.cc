// SPDX-License-Identifier: MIT
#include "endpoint/address.h"

#include <algorithm>
#include <charconv>

#include "http/address.h"

namespace stacksampler::endpoint {
namespace {

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

}  // namespace

Result<Address> ParseAddress(const std::string& text) {
  Address address;
  if (text == "off") {
    address.off = true;
    return address;
  }
  if (http::IsUnixSocket(text)) {
    if (const auto socket = http::UnixAddress(text); !socket.ok()) return socket.status();
    address.host = text;
    return address;
  }
  const Status bad(StatusCode::kInvalidArgument,
                   "address '" + text +
                       "': write host:port, host:port..port, unix:/path or off, for example "
                       "127.0.0.1:16384");
  std::string_view ports = text;
  const size_t colon = ports.rfind(':');
  if (colon != std::string_view::npos) {
    address.host = std::string(ports.substr(0, colon));
    ports.remove_prefix(colon + 1);
    if (address.host.empty()) return bad;
  }
  const size_t dots = ports.find("..");
  if (!ParsePort(ports.substr(0, dots), &address.port)) return bad;
  if (dots == std::string_view::npos) return address;
  if (!ParsePort(ports.substr(dots + 2), &address.last_port) || address.last_port < address.port)
    return bad;
  return address;
}

std::vector<std::string> ParseHosts(std::string_view text) {
  std::vector<std::string> hosts;
  while (!text.empty()) {
    const std::string_view host = text.substr(0, text.find(','));
    text.remove_prefix(std::min(host.size() + 1, text.size()));
    if (!host.empty()) hosts.emplace_back(host);
  }
  return hosts;
}

}  // namespace stacksampler::endpoint
