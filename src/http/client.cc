// SPDX-License-Identifier: MIT
#include "http/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/errno_status.h"
#include "base/gzip.h"
#include "base/unique_fd.h"
#include "http/address.h"
#include "http/deadline.h"
#include "http/exchange.h"
#include "http/head.h"
#include "http/resolver.h"

namespace stacksampler::http {
namespace {

constexpr size_t kMaxAddressesTried = 4;
constexpr int kMisdirectedRequest = 421;

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
  if (connect(fd->get(), address.get(), address.length) == 0) return 0;
  return errno == EINPROGRESS || errno == EINTR ? AwaitConnect(fd->get(), deadline) : errno;
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
  return Status(error == ECONNREFUSED ? StatusCode::kNotFound : StatusCode::kUnavailable,
                ErrnoStatus(error, "connect").message());
}

Result<Fetched> Decoded(Fetched fetched, size_t max_body_bytes) {
  const auto coding = fetched.headers.find("content-encoding");
  const std::string name = coding == fetched.headers.end() ? "" : ToLower(coding->second);
  if (name == "gzip" || name == "x-gzip") {
    auto body = GzipDecompress(fetched.body, max_body_bytes);
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

Result<Fetched> Fetch(const std::string& host, uint16_t port, const std::string& target,
                      const FetchOptions& options) {
  const Deadline deadline = Deadline::After(options.total_timeout);
  auto addresses = Resolve(StripBrackets(host), port, deadline);
  if (!addresses.ok()) return addresses.status();
  std::string host_header = JoinHostPort(WithoutZone(host), port);
  const auto exchange = [&](std::string* numeric) -> Result<Fetched> {
    auto peer = ConnectToAny(*addresses, options.connect_timeout, deadline);
    if (!peer.ok()) return peer.status();
    *numeric = JoinHostPort(WithoutZone(peer->numeric_host), port);
    return ExchangeGet(peer->fd.get(), {host_header, target, options.token}, options.max_wire_bytes,
                       deadline);
  };
  std::string numeric;
  auto fetched = exchange(&numeric);
  if (fetched.ok() && fetched->status == kMisdirectedRequest && numeric != host_header) {
    // A server that guards against DNS rebinding does not know this name, but an address will do.
    host_header = numeric;
    fetched = exchange(&numeric);
  }
  if (!fetched.ok()) return fetched.status();
  return Decoded(*std::move(fetched), options.max_body_bytes);
}

}  // namespace

Result<Fetched> Get(const std::string& host, uint16_t port, const std::string& path_and_query,
                    const FetchOptions& options) {
  const std::string what = "GET http://" + JoinHostPort(host, port) + path_and_query;
  if (host.empty() || !IsPlain(host) || path_and_query.empty() || path_and_query[0] != '/' ||
      !IsPlain(path_and_query)) {
    return Status(StatusCode::kInvalidArgument,
                  "GET: pass a host, and a path that begins with '/', both without spaces and "
                  "control bytes");
  }
  auto fetched = Fetch(host, port, path_and_query, options);
  if (fetched.ok()) return fetched;
  return Status(fetched.status().code(), what + ": " + fetched.status().message());
}

}  // namespace stacksampler::http
