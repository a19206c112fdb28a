// SPDX-License-Identifier: MIT
#include "collector/targets.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "http/address.h"
#include "http/client.h"
#include "http/url.h"

namespace stacksampler::collector {
namespace {

constexpr char kHttps[] = "https://";

Status BadPorts(const std::string& text, std::string_view part) {
  return {StatusCode::kInvalidArgument,
          "--ports '" + text + "': '" + std::string(part) +
              "' is not a port; write 16384, a list 16384,16385 or a range 16384..16390"};
}

Status BackwardRange(const std::string& text, uint16_t first, uint16_t last) {
  return {StatusCode::kInvalidArgument, "--ports '" + text + "': '" + std::to_string(first) + ".." +
                                            std::to_string(last) + "' runs backwards; write " +
                                            std::to_string(last) + ".." + std::to_string(first)};
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

bool ParseRange(std::string_view part, uint16_t* first, uint16_t* last) {
  const size_t dots = part.find("..");
  if (dots == std::string_view::npos) return ParsePort(part, first) && ParsePort(part, last);
  return ParsePort(part.substr(0, dots), first) && ParsePort(part.substr(dots + 2), last);
}

// A port that is named itself must answer, be it in a range, too.
class PortList {
 public:
  void Add(uint16_t first, uint16_t last, const std::string& range) {
    for (uint32_t port = first; port <= last; ++port) {
      if (places_[port] == 0) {
        ports_.push_back({static_cast<uint16_t>(port), range});
        places_[port] = ports_.size();
      } else if (range.empty()) {
        ports_[places_[port] - 1].range.clear();
      }
    }
  }
  std::vector<Port> Take() { return std::move(ports_); }

 private:
  std::vector<Port> ports_;
  std::vector<size_t> places_ = std::vector<size_t>(size_t{UINT16_MAX} + 1);  // 1 + index
};

std::string WithoutBrackets(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

bool IsIpv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

Status CheckUnixSocket(const std::string& host) {
  const auto address = http::UnixAddress(host);
  if (address.ok()) return Status::Ok();
  return {address.status().code(), "--host " + address.status().message()};
}

// A URL or a port behind the name would be looked up as a name, for ever in vain.
Status CheckHost(const std::string& given, const std::string& host) {
  if (host.empty()) {
    return {StatusCode::kInvalidArgument, "--host: empty name; write for example --host localhost"};
  }
  if (http::IsUnixSocket(host)) return CheckUnixSocket(host);
  if (host.find_first_of(":/?#@[] \t") == std::string::npos || IsIpv6(host)) return Status::Ok();
  return {StatusCode::kInvalidArgument,
          "--host '" + given + "': write the host alone, and the port in --ports"};
}

// "web-1", "::1", "https://web-1", "https://web-1:443", "unix:/run/app.sock".
Result<http::Url> ParseHost(const std::string& given) {
  http::Url url;
  if (given.rfind(kHttps, 0) == 0) {
    const auto parsed = http::ParseUrl(given);
    if (parsed) return *parsed;
    return Status(StatusCode::kInvalidArgument,
                  "--host '" + given + "': write https://host or https://host:port");
  }
  url.host = WithoutBrackets(given);
  if (Status status = CheckHost(given, url.host); !status.ok()) return status;
  return url;
}

std::string OwnHostName() {
  const std::vector<std::string> names = http::OwnHostNames();
  return names.empty() ? "localhost" : names[0];
}

}  // namespace

Labels Target::AsLabels(const Redactor& redactor) const {
  if (http::IsUnixSocket(host)) return {{"host", OwnHostName()}, {"port", redactor.Text(host)}};
  return {{"host", host}, {"port", std::to_string(port)}};
}

std::string Target::Name() const {
  return tls ? http::UrlOf(host, port, tls) : http::JoinHostPort(host, port);
}

Result<std::vector<Port>> ParsePorts(const std::string& text) {
  PortList ports;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin);
    uint16_t first = 0;
    uint16_t last = 0;
    if (!ParseRange(part, &first, &last)) return BadPorts(text, part);
    if (first > last) return BackwardRange(text, first, last);
    ports.Add(first, last, part.find("..") == std::string::npos ? "" : part);
    begin = comma + 1;
  }
  return ports.Take();
}

Result<std::vector<Target>> MakeTargets(const std::vector<std::string>& hosts,
                                        const std::string& ports_text) {
  auto ports = ParsePorts(ports_text);
  if (!ports.ok()) return ports.status();
  std::vector<Target> targets;
  std::vector<std::string> known;
  for (const std::string& given : hosts) {
    const auto url = ParseHost(given);
    if (!url.ok()) return url.status();
    const std::string name = http::UrlOf(url->host, url->port, url->tls);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    known.push_back(name);
    if (http::IsUnixSocket(url->host) || url->port != 0) {
      targets.push_back({url->host, url->port, "", url->tls});
      continue;
    }
    for (const Port& port : *ports) {
      targets.push_back({url->host, port.number, port.range, url->tls});
    }
  }
  if (targets.size() > kMaxTargets) {
    return Status(StatusCode::kInvalidArgument,
                  std::to_string(targets.size()) + " targets; one collector takes " +
                      std::to_string(kMaxTargets) + ": split them over several");
  }
  return targets;
}

Status CheckDistinct(const std::vector<Target>& targets, const Redactor& redactor) {
  std::map<std::string, std::string> known;
  for (const Target& target : targets) {
    if (!http::IsUnixSocket(target.host)) continue;
    const std::string stored = redactor.Text(target.host);
    const auto [other, is_new] = known.try_emplace(stored, target.host);
    if (is_new) continue;
    return {StatusCode::kInvalidArgument, "--host " + other->second + " and " + target.host +
                                              " would both be stored as '" + stored +
                                              "'; keep them apart by --redact, such as '" +
                                              target.host + "=unix:other.sock'"};
  }
  return Status::Ok();
}

Result<Share> ParseShare(const std::string& text) {
  Share share;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, share.number);
  if (number.ec == std::errc() && number.ptr != end && *number.ptr == '/') {
    const auto of = std::from_chars(number.ptr + 1, end, share.of);
    if (of.ec == std::errc() && of.ptr == end && share.number >= 1 && share.number <= share.of &&
        share.of <= kMaxShares) {
      return share;
    }
  }
  return Status(StatusCode::kInvalidArgument,
                "--share: '" + text + "' is no share; write 2/4 for the second of four collectors");
}

// FNV-1a: collectors of any version have to agree.
std::vector<Target> OfShare(const std::vector<Target>& targets, const Share& share) {
  std::vector<Target> kept;
  for (const Target& target : targets) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : target.range.empty() ? target.Name() : target.RangeName()) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    if (hash % share.of == share.number - 1) kept.push_back(target);
  }
  return kept;
}

}  // namespace stacksampler::collector
