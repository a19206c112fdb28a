// SPDX-License-Identifier: MIT
#include "http/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/defence.h"
#include "base/errno_status.h"
#include "base/gzip.h"
#include "base/unique_fd.h"
#include "http/address.h"
#include "http/deadline.h"
#include "http/exchange.h"
#include "http/gate.h"
#include "http/head.h"
#include "http/resolver.h"

namespace stacksampler::http {
namespace {

constexpr size_t kMaxAddressesTried = 4;
constexpr int kMisdirectedRequest = 421;
constexpr int kFullBacklogPauseMs = 10;

bool IsPlain(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c < 0 || (c > ' ' && c != '\x7f'); });
}

// 0 or errno.
int AwaitConnect(int fd, Deadline deadline) {
  pollfd entry{fd, POLLOUT, 0};
  while (poll(&entry, 1, deadline.PollTimeout()) <= 0) {
    if (deadline.passed()) return ETIMEDOUT;
  }
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

// 0 or errno.
int ConnectTo(const SocketAddress& address, Deadline deadline, UniqueFd* fd) {
  *fd = UniqueFd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd->valid()) return errno;
  while (connect(fd->get(), address.get(), address.length) != 0) {
    if (errno == EINPROGRESS || errno == EINTR) return AwaitConnect(fd->get(), deadline);
    if (errno != EAGAIN) return errno;
    // The backlog of a unix socket is full, and poll() would not tell when it has room again.
    if (deadline.passed()) return ETIMEDOUT;
    poll(nullptr, 0, kFullBacklogPauseMs);
  }
  return 0;
}

struct Connected {
  UniqueFd fd;
  std::string numeric_host;
};

Result<Connected> ConnectToAny(const std::vector<SocketAddress>& addresses,
                               std::chrono::milliseconds each_within, Deadline deadline) {
  int error = 0;
  for (size_t i = 0; i < std::min(addresses.size(), kMaxAddressesTried); ++i) {
    UniqueFd fd;
    error = ConnectTo(addresses[i], Deadline::Earlier(Deadline::After(each_within), deadline), &fd);
    if (error == 0) return Connected{std::move(fd), NumericHost(addresses[i])};
  }
  if (error == EMFILE || error == ENFILE) return ErrnoStatus(error, "open a socket");
  const bool is_nobody_there = error == ECONNREFUSED || error == ENOENT;
  return Status(is_nobody_there ? StatusCode::kNotFound : StatusCode::kUnavailable,
                ErrnoStatus(error, "connect").message());
}

Result<Fetched> Decoded(Fetched fetched, size_t max_body_bytes) {
  const auto coding = fetched.headers.find("content-encoding");
  const std::string name = coding == fetched.headers.end() ? "" : ToLower(coding->second);
  if (name == "gzip" || name == "x-gzip") {
    auto body =
        GzipDecompress(fetched.body, Stands(Defence::kInflatedBytes) ? max_body_bytes : SIZE_MAX);
    if (!body.ok()) return body.status();
    fetched.body = *std::move(body);
  } else if (!name.empty() && name != "identity") {
    return Status(StatusCode::kDataLoss, "the answer is encoded as " + name + ", not asked for");
  } else if (fetched.body.size() > max_body_bytes) {
    return Status(StatusCode::kResourceExhausted,
                  "the answer is larger than " + std::to_string(max_body_bytes) + " bytes");
  }
  return fetched;
}

// "fe80::1%eth0" -> "fe80::1": the zone is the caller's own matter.
std::string WithoutZone(const std::string& host) { return host.substr(0, host.find('%')); }

// Of headers that callers add: neither may end its line.
bool IsHeaderName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-';
  });
}

bool IsHeaderValue(const std::string& value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c < 0 || (c >= ' ' && c != '\x7f'); });
}

Status CheckHeaders(const FetchOptions& options) {
  for (const auto& [name, value] : options.headers) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return {StatusCode::kInvalidArgument,
              "the header '" + name + "' has bytes that no header may have"};
    }
  }
  return Status::Ok();
}

Result<std::vector<SocketAddress>> AddressesOf(const std::string& host, uint16_t port,
                                               Deadline deadline) {
  if (!IsUnixSocket(host)) return Resolve(StripBrackets(host), port, deadline);
  auto address = UnixAddress(host);
  if (!address.ok()) return address.status();
  return std::vector<SocketAddress>{*address};
}

// No name of a machine leads to a unix socket.
std::string HostHeaderOf(const std::string& host, uint16_t port) {
  return IsUnixSocket(host) ? "localhost" : JoinHostPort(WithoutZone(host), port);
}

// Null without TLS. The certificate is for the name that was asked for, whatever Host says.
Result<std::unique_ptr<TlsSession>> SessionFor(const std::string& host,
                                               const FetchOptions& options) {
  if (!options.tls) return std::unique_ptr<TlsSession>();
  return options.tls->NewSession(WithoutZone(StripBrackets(host)));
}

Result<Fetched> Fetch(const std::string& host, uint16_t port, Question question,
                      const FetchOptions& options) {
  const Deadline deadline = Deadline::After(options.total_timeout);
  auto addresses = AddressesOf(host, port, deadline);
  if (!addresses.ok()) return addresses.status();
  question.host_header = HostHeaderOf(host, port);
  const auto exchange = [&](std::string* numeric) -> Result<Fetched> {
    auto peer = ConnectToAny(*addresses, options.connect_timeout, deadline);
    if (!peer.ok()) return peer.status();
    auto tls = SessionFor(host, options);
    if (!tls.ok()) return tls.status();
    *numeric = JoinHostPort(WithoutZone(peer->numeric_host), port);
    return Exchange(peer->fd.get(), tls->get(), question, options.max_wire_bytes, deadline);
  };
  std::string numeric;
  auto fetched = exchange(&numeric);
  const bool may_repeat = question.body == nullptr && !IsUnixSocket(host);
  if (may_repeat && fetched.ok() && fetched->status == kMisdirectedRequest &&
      numeric != question.host_header) {
    // A server that guards against DNS rebinding does not know this name, but an address will do.
    question.host_header = numeric;
    fetched = exchange(&numeric);
  }
  if (!fetched.ok()) return fetched.status();
  if (!options.tls && fetched->body.rfind(kTlsPortText, 0) == 0) {
    return Status(StatusCode::kUnavailable, "TLS is spoken at this port; write https://");
  }
  return Decoded(*std::move(fetched), options.max_body_bytes);
}

Result<Fetched> Ask(const std::string& host, uint16_t port, Question question,
                    const FetchOptions& options) {
  const std::string method = question.body == nullptr ? "GET" : "POST";
  const std::string& target = question.target;
  const std::string what = method + ' ' + UrlOf(host, port, options.tls != nullptr) +
                           (IsUnixSocket(host) ? " " : "") + target;
  if (host.empty() || !IsPlain(host) || target.empty() || target[0] != '/' || !IsPlain(target)) {
    return Status(StatusCode::kInvalidArgument,
                  method +
                      ": pass a host, and a path that begins with '/', both without spaces and "
                      "control bytes");
  }
  if (Status status = CheckHeaders(options); !status.ok()) return status;
  auto fetched = Fetch(host, port, std::move(question), options);
  if (fetched.ok()) return fetched;
  return Status(fetched.status().code(), what + ": " + fetched.status().message());
}

std::map<std::string, std::string> HeadersOf(const FetchOptions& options) {
  std::map<std::string, std::string> headers = options.headers;
  if (!options.token.empty()) headers["Authorization"] = "Bearer " + options.token;
  return headers;
}

}  // namespace

Result<Fetched> Get(const std::string& host, uint16_t port, const std::string& path_and_query,
                    const FetchOptions& options) {
  return Ask(host, port, {{}, path_and_query, HeadersOf(options), nullptr}, options);
}

Result<Fetched> Post(const std::string& host, uint16_t port, const std::string& path_and_query,
                     const std::string& body, const FetchOptions& options) {
  if (body.size() > options.max_sent_bytes) {
    return Status(StatusCode::kResourceExhausted,
                  "POST to " + JoinHostPort(host, port) + ": " + std::to_string(body.size()) +
                      " bytes are more than the " + std::to_string(options.max_sent_bytes) +
                      " that may be sent at once");
  }
  return Ask(host, port, {{}, path_and_query, HeadersOf(options), &body}, options);
}

}  // namespace stacksampler::http
