// SPDX-License-Identifier: MIT
//
// Purpose: the one HTTP server of the project: a hardened layer over cpp-httplib for bytes from
//   anybody. One request per connection; GET only; a request with a body or a Range is refused;
//   deadlines, line, header and connection limits; Host must be loopback, an IP address or on the
//   allow-list (DNS rebinding); a token when one was set.
// Thread safety: all members from any thread. The handler runs on the server's threads, at most
//   `workers` at once.
// Signal safety: none. SIGPIPE, masks and dispositions of the process stay as they were.
// Errors: Listen() names address and reason; a request that breaks a limit gets 4xx and is closed.
#ifndef STACKSAMPLER_HTTP_SERVER_H_
#define STACKSAMPLER_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/tls.h"
#include "stacksampler/status.h"

namespace stacksampler::http {

struct Request {
  std::string method;  // "GET"
  std::string path;    // decoded, without the query
  std::multimap<std::string, std::string> params;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string remote_address;

  /// First value, "" when absent.
  [[nodiscard]] std::string Param(const std::string& name) const;
  [[nodiscard]] bool HasParam(const std::string& name) const { return params.count(name) > 0; }
  /// `name` in lower case.
  [[nodiscard]] std::string Header(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// Must not hold CR or LF. Security headers (nosniff, CSP unless given here, no-store unless
  /// given) are added.
  std::vector<std::pair<std::string, std::string>> headers;
};

using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  // ---- Behaviour.
  /// Name, IPv4, IPv6 with or without brackets; or "unix:/run/app.sock", whatever the ports: only
  /// this user (and root) may connect there, and all peers count as one address.
  std::string host = "127.0.0.1";
  uint16_t port = 0;       // 0 = any free one
  uint16_t last_port = 0;  // with `port`: the first free one of the range
  /// Extra Host header names that are accepted (without port).
  std::vector<std::string> allowed_hosts;
  /// Asked of every request when it is not "": "Authorization: Bearer TOKEN", or as the password of
  /// a browser's log-in.
  std::string token;
  /// TLS alone is spoken when this is not null.
  std::shared_ptr<const TlsServer> tls;
  /// How whoever runs this program adds a name to them: the end of a refusal.
  std::string way_to_allow_host = "add the name to the server's allowed hosts";
  /// Likewise for a port that is taken: the end of the error.
  std::string way_to_another_port = "pass another port, or a range to use the first free one";
  // ---- Cost.
  size_t workers = 1;  // plus one accepting thread; thread stacks are small
  /// Requests for this path go before all others that wait for a worker; "": none do.
  std::string urgent_path;
  size_t max_connections = 64;
  size_t max_connections_per_address = 32;
  /// Of answers that their peers have yet to read, but the newest; past it the oldest is closed.
  size_t max_unsent_bytes = size_t{64} << 20;
  std::chrono::milliseconds header_deadline{5000};     // accept to complete header
  std::chrono::milliseconds response_deadline{30000};  // handler's end to last byte out
  size_t max_header_line_bytes = 4096;
  size_t max_header_lines = 100;
  size_t max_header_bytes = 32 << 10;
};

/// What became of the connections so far. Each ends in one of answered, refused, timed_out,
/// evicted, turned_away, left, or is still open.
struct ServerCounters {
  uint64_t accepted = 0;
  uint64_t passed = 0;       // of these: the complete head was handed to the workers
  uint64_t answered = 0;     // the handler's answer was handed to the kernel in full
  uint64_t refused = 0;      // broke a rule; so was the refusal
  uint64_t timed_out = 0;    // missed header_deadline or response_deadline
  uint64_t evicted = 0;      // the slowest, to make room for newer ones
  uint64_t turned_away = 0;  // all slots of its address wait for the handler: 503
  uint64_t left = 0;         // the peer went before its answer was out
};

class Server {
 public:
  /// Listens and serves until Stop() or destruction.
  static Result<std::unique_ptr<Server>> Listen(const ServerOptions& options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// 0 for a unix socket.
  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] ServerCounters counters() const;
  /// Ends all connections and threads; returns when they have ended. Idempotent. REQUIRES: not
  /// called from the handler, for whose end it waits. In a forked child, where the threads are
  /// missing, it only closes the child's copies of the descriptors: good in a pthread_atfork()
  /// handler, so that the child holds neither the port nor a peer.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// True for 127.0.0.0/8, ::1, "localhost" and unix sockets.
bool IsLoopback(const std::string& host);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_HTTP_SERVER_H_
