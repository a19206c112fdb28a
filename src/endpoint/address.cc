// SPDX-License-Identifier: MIT
#include "endpoint/address.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

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
  const Status bad(StatusCode::kInvalidArgument,
                   "address '" + text +
                       "': write host:port, host:port..port or off, for example 127.0.0.1:16384");
  std::string_view ports = text;
  const size_t colon = ports.rfind(':');
  if (colon != std::string_view::npos) {
    address.host = std::string(ports.substr(0, colon));
    ports.remove_prefix(colon + 1);
    if (address.host.empty() || address.host == "unix") return bad;
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

std::vector<std::string> OwnHostNames() {
  char text[HOST_NAME_MAX + 1] = "";
  if (gethostname(text, sizeof text) != 0) return {};
  const std::string name(text, strnlen(text, sizeof text));
  if (name.empty()) return {};
  return {name, name.substr(0, name.find('.'))};
}

}  // namespace stacksampler::endpoint
