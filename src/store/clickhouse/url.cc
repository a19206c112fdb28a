// SPDX-License-Identifier: MIT
#include "store/clickhouse/url.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/errno_status.h"
#include "base/unique_fd.h"
#include "http/client.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kScheme = "clickhouse://";
constexpr size_t kMaxPasswordBytes = 1024;

Status BadUrl(const std::string& why) {
  return {StatusCode::kInvalidArgument,
          "--store: " + why +
              "; write clickhouse://[user@]host:port/database, with several "
              "host:port between commas for several servers"};
}

bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("/,@?#\"'\\").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

bool IsDatabase(std::string_view name) {
  constexpr size_t kMaxNameBytes = 64;
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// "host", "host:port", "[::1]:port".
Result<ClickhouseServer> ParseServer(std::string_view text) {
  ClickhouseServer server;
  size_t colon = text.rfind(':');
  const size_t bracket = text.rfind(']');
  if (bracket != std::string_view::npos && (colon == std::string_view::npos || colon < bracket)) {
    colon = std::string_view::npos;
  }
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, server.port);
    if (parsed.ec != std::errc() || parsed.ptr != end || server.port == 0) {
      return BadUrl("'" + std::string(digits) + "' is no port");
    }
    text = text.substr(0, colon);
  }
  if (!IsPlain(text)) return BadUrl("'" + std::string(text) + "' is no host");
  server.host = text;
  return server;
}

Status ParseServers(std::string_view list, ClickhouseUrl* url) {
  while (true) {
    const size_t comma = list.find(',');
    Result<ClickhouseServer> server = ParseServer(list.substr(0, comma));
    if (!server.ok()) return server.status();
    url->servers.push_back(*std::move(server));
    if (url->servers.size() > kMaxClickhouseServers) return BadUrl("too many servers");
    if (comma == std::string_view::npos) return Status::Ok();
    list.remove_prefix(comma + 1);
  }
}

Status ParseUser(std::string_view user, ClickhouseUrl* url) {
  if (user.find(':') != std::string_view::npos) {
    return BadUrl(std::string("a password does not belong there, where every user of the machine "
                              "sees it: put it into a file that ") +
                  kPasswordFileVariable + " names, or into " + kPasswordVariable);
  }
  if (!IsPlain(user)) return BadUrl("the user's name has characters that no URL takes");
  url->user = user;
  return Status::Ok();
}

Result<std::string> CheckedPassword(std::string password, const std::string& from) {
  const bool plain = std::none_of(password.begin(), password.end(),
                                  [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (plain && password.size() <= kMaxPasswordBytes) return password;
  return Status(StatusCode::kInvalidArgument, from + ": a password is one line of at most " +
                                                  std::to_string(kMaxPasswordBytes) +
                                                  " bytes without control bytes");
}

Result<std::string> PasswordFromFile(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string what = std::string(kPasswordFileVariable) + ": ";
  if (!fd.valid()) return ErrnoStatus(errno, what + "open " + path);
  std::string text(kMaxPasswordBytes + 2, '\0');
  const ssize_t got = read(fd.get(), text.data(), text.size());
  if (got < 0) return ErrnoStatus(errno, what + "read " + path);
  text.resize(static_cast<size_t>(got));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return CheckedPassword(std::move(text), what + path);
}

}  // namespace

std::string ClickhouseUrl::Place() const {
  std::string place;
  for (const ClickhouseServer& server : servers) {
    place += (place.empty() ? "" : ",") + http::JoinHostPort(server.host, server.port);
  }
  return place + "/" + database;
}

Result<ClickhouseUrl> ParseClickhouseUrl(const std::string& text) {
  std::string_view rest = text;
  if (rest.substr(0, kScheme.size()) != kScheme) return BadUrl("it is no clickhouse:// URL");
  rest.remove_prefix(kScheme.size());
  ClickhouseUrl url;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return BadUrl("it names no database");
  url.database = rest.substr(slash + 1);
  if (!IsDatabase(url.database)) {
    return BadUrl("a database's name is letters, digits and '_', not '" + url.database + "'");
  }
  rest = rest.substr(0, slash);
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    if (Status status = ParseUser(rest.substr(0, at), &url); !status.ok()) return status;
    rest.remove_prefix(at + 1);
  }
  if (Status status = ParseServers(rest, &url); !status.ok()) return status;
  return url;
}

Result<std::string> PasswordFromEnvironment() {
  if (const char* path = std::getenv(kPasswordFileVariable)) return PasswordFromFile(path);
  const char* password = std::getenv(kPasswordVariable);
  return CheckedPassword(password == nullptr ? "" : password, kPasswordVariable);
}

}  // namespace stacksampler::store
