// SPDX-License-Identifier: MIT
#include "http/gate.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/defence.h"
#include "http/address.h"
#include "http/token.h"

namespace stacksampler::http {
namespace {

constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kMethodNotAllowed = 405;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kMisdirectedRequest = 421;
constexpr int kHeaderFieldsTooLarge = 431;

Response RefusalOfMethod(const std::string& method) {
  Response response = Refusal(kMethodNotAllowed, "Only GET is answered here.");
  response.headers.emplace_back("Allow", "GET");
  if (method == "HEAD") response.body.clear();
  return response;
}

std::optional<Response> RefusalOfBody(const HeaderFields& fields) {
  const bool is_empty = std::all_of(fields.begin(), fields.end(), [](const auto& field) {
    return field.first != "content-length" || field.second == "0";
  });
  const bool has_none = is_empty && CountFields(fields, "transfer-encoding") == 0;
  if (has_none || !Stands(Defence::kBodies)) return std::nullopt;
  return Refusal(kContentTooLarge, "A request with a body is not read here.");
}

// A page of another site can make a browser send a request here under that site's name (DNS
// rebinding), but not under an IP address or a loopback name.
bool IsHostAllowed(const std::string& host, const std::vector<std::string>& allowed_hosts) {
  return IsIpAddress(host) || IsLoopback(host) ||
         std::find(allowed_hosts.begin(), allowed_hosts.end(), host) != allowed_hosts.end();
}

std::optional<Response> RefusalOfHost(const RequestHead& head, const GateRules& rules) {
  const size_t count = CountFields(head.fields, "host");
  if (count == 0 && head.http_1_0) return std::nullopt;
  if (count != 1) return Refusal(kBadRequest, "A request needs exactly one Host header.");
  const std::optional<std::string> host = HostOfHeader(*FindField(head.fields, "host"));
  if (!host) return Refusal(kBadRequest, "The Host header is malformed.");
  const bool is_allowed = rules.takes_any_host || IsHostAllowed(*host, rules.allowed_hosts);
  if (is_allowed || !Stands(Defence::kHostNames)) return std::nullopt;
  return Refusal(kMisdirectedRequest,
                 "This host name is not served here. Use an IP address or localhost, or " +
                     rules.way_to_allow_host + '.');
}

// "Basic" has browsers ask for the token.
std::optional<Response> RefusalOfStranger(const RequestHead& head, const std::string& token) {
  if (token.empty() || !Stands(Defence::kToken)) return std::nullopt;
  const std::string* const authorization = FindField(head.fields, "authorization");
  const bool is_single = CountFields(head.fields, "authorization") == 1;
  if (is_single && CarriesToken(*authorization, token)) return std::nullopt;
  Response response = Refusal(kUnauthorized,
                              "This server answers those who send its token: Authorization: Bearer "
                              "TOKEN, or the token as password.");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"stackcollector\"");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (head.method == "HEAD") response.body.clear();
  return response;
}

}  // namespace

Response Refusal(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text) + '\n';
  return response;
}

Response RefusalOfHead(HeadState state) {
  switch (state) {
    case HeadState::kFirstLineTooLong:
      return Refusal(kUriTooLong, "The request line is too long.");
    case HeadState::kLineTooLong:
      return Refusal(kHeaderFieldsTooLarge, "A header line is too long.");
    case HeadState::kTooManyLines:
      return Refusal(kHeaderFieldsTooLarge, "There are too many header lines.");
    case HeadState::kTooLarge:
      return Refusal(kHeaderFieldsTooLarge, "The header is too large.");
    case HeadState::kNotTls:
      return Refusal(kBadRequest, std::string(kTlsPortText) + ": write https://.");
    case HeadState::kIncomplete:
    case HeadState::kComplete:
      assert(false);
      break;
    case HeadState::kMalformed:
      break;
  }
  return Refusal(kBadRequest, "This is not an HTTP/1.1 request.");
}

std::optional<Response> RefusalOfRequest(const RequestHead& head, const GateRules& rules) {
  if (auto refusal = RefusalOfHost(head, rules)) return refusal;
  if (auto refusal = RefusalOfStranger(head, rules.token)) return refusal;
  if (head.method != "GET") return RefusalOfMethod(head.method);
  if (auto refusal = RefusalOfBody(head.fields)) return refusal;
  if (CountFields(head.fields, "range") > 0) {
    return Refusal(kRangeNotSatisfiable, "Ranges are not served here.");
  }
  return std::nullopt;
}

}  // namespace stacksampler::http
