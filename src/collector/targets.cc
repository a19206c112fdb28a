// SPDX-License-Identifier: MIT
#include "collector/targets.h"

#include <algorithm>
#include <charconv>

#include "http/client.h"

namespace stacksampler::collector {
namespace {

Status BadPorts(const std::string& text, std::string_view part) {
  return {StatusCode::kInvalidArgument,
          "--ports '" + text + "': '" + std::string(part) +
              "' is not a port; write 16384, a list 16384,16385 or a range 16384..16390"};
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

bool ParseRange(std::string_view part, uint16_t* first, uint16_t* last) {
  const size_t dots = part.find("..");
  if (dots == std::string_view::npos) return ParsePort(part, first) && ParsePort(part, last);
  return ParsePort(part.substr(0, dots), first) && ParsePort(part.substr(dots + 2), last) &&
         *first <= *last;
}

std::string WithoutBrackets(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

Labels Target::AsLabels() const { return {{"host", host}, {"port", std::to_string(port)}}; }

std::string Target::Name() const { return http::JoinHostPort(host, port); }

Result<std::vector<uint16_t>> ParsePorts(const std::string& text) {
  std::vector<uint16_t> ports;
  std::vector<bool> seen(size_t{UINT16_MAX} + 1);
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, comma - begin);
    uint16_t first = 0;
    uint16_t last = 0;
    if (!ParseRange(part, &first, &last)) return BadPorts(text, part);
    for (uint32_t port = first; port <= last; ++port) {
      if (!seen[port]) ports.push_back(static_cast<uint16_t>(port));
      seen[port] = true;
    }
    begin = comma + 1;
  }
  return ports;
}

Result<std::vector<Target>> MakeTargets(const std::vector<std::string>& hosts,
                                        const std::string& ports_text) {
  auto ports = ParsePorts(ports_text);
  if (!ports.ok()) return ports.status();
  std::vector<Target> targets;
  std::vector<std::string> known;
  for (const std::string& given : hosts) {
    const std::string host = WithoutBrackets(given);
    if (host.empty())
      return Status(StatusCode::kInvalidArgument,
                    "--host: empty name; write for example --host localhost");
    if (std::find(known.begin(), known.end(), host) != known.end()) continue;
    known.push_back(host);
    for (const uint16_t port : *ports) targets.push_back({host, port});
  }
  if (targets.size() > kMaxTargets) {
    return Status(StatusCode::kInvalidArgument,
                  std::to_string(targets.size()) + " targets; one collector takes " +
                      std::to_string(kMaxTargets) + ": split them over several");
  }
  return targets;
}

}  // namespace stacksampler::collector
