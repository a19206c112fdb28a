// SPDX-License-Identifier: MIT
#include "http/url.h"

#include <charconv>
#include <string_view>

#include "http/address.h"

namespace stacksampler::http {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<Url> ParseUrl(const std::string& text) {
  Url url;
  url.host = text;
  if (IsUnixSocket(text)) return url;
  std::string_view rest = text;
  url.tls = TakePrefix(kHttps, &rest);
  if (!url.tls) TakePrefix(kHttp, &rest);
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos) return {};
  const bool bracketed = rest[0] == '[';
  const size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && host_end == std::string_view::npos) return {};
  url.host = rest.substr(bracketed, host_end - bracketed);
  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + bracketed);
  const bool has_good_end =
      rest.empty() || (rest[0] == ':' && ParsePort(rest.substr(1), &url.port));
  if (url.host.empty() || !has_good_end) return {};
  return url;
}

}  // namespace stacksampler::http
