// SPDX-License-Identifier: MIT
#include "cpuprofile/http_url.h"

#include <charconv>
#include <string_view>

#include "http/address.h"
#include "stacksampler/profile_server.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr std::string_view kScheme = "http://";

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

Result<HttpUrl> ParseUnixSocket(const std::string& url) {
  const auto address = http::UnixAddress(url);
  if (address.ok()) return HttpUrl{url};
  return Status(address.status().code(), "--url " + address.status().message());
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(const std::string& url) {
  if (http::IsUnixSocket(url)) return ParseUnixSocket(url);
  const Status bad(StatusCode::kInvalidArgument,
                   "--url " + url +
                       ": not of the form http://host:port or unix:/path, for example "
                       "http://localhost:16384");
  std::string_view rest = url;
  if (rest.substr(0, kScheme.size()) == kScheme) rest.remove_prefix(kScheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos) return bad;
  HttpUrl parsed;
  parsed.port = kDefaultPort;
  const bool bracketed = rest[0] == '[';
  const size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad;
  parsed.host = rest.substr(bracketed, host_end - bracketed);
  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + bracketed);
  if (parsed.host.empty() ||
      (!rest.empty() && (rest[0] != ':' || !ParsePort(rest.substr(1), &parsed.port)))) {
    return bad;
  }
  return parsed;
}

}  // namespace stacksampler::cpuprofile
