// SPDX-License-Identifier: MIT
//
// Purpose: a client without manners, for tests: sends any bytes, reads what comes.
#ifndef STACKSAMPLER_TESTS_HTTP_RAW_SOCKET_H_
#define STACKSAMPLER_TESTS_HTTP_RAW_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "http/address.h"

namespace stacksampler::http {

class RawSocket {
 public:
  /// Connects to 127.0.0.1. `receive_buffer_bytes` 0: the kernel's choice. `last_byte`: of the
  /// address 127.0.0.x that it comes from.
  explicit RawSocket(uint16_t port, int receive_buffer_bytes = 0, uint8_t last_byte = 1);
  /// "unix:/run/app.sock".
  explicit RawSocket(const std::string& unix_socket);

  [[nodiscard]] bool connected() const { return fd_.valid(); }
  /// False when the peer has gone; sends what it takes before.
  bool Send(std::string_view bytes);
  /// To the end of the connection, at most `max_bytes`.
  std::string ReceiveAll(size_t max_bytes = size_t{1} << 30);
  /// True when the peer has closed or reset the connection, without waiting.
  bool IsClosedByPeer();
  /// Closes with a reset instead of an orderly end.
  void Reset();

 private:
  void Connect(const SocketAddress& address);

  UniqueFd fd_;
};

/// Sends `request` and returns all that comes back.
std::string Ask(uint16_t port, std::string_view request);

/// "GET `target` HTTP/1.1" with a Host header, `more` header lines (each with CR LF) and the end.
std::string GetRequest(std::string_view target, std::string_view more = {});

/// 200 of "HTTP/1.1 200 OK..."; 0 when `answer` does not begin like that.
int StatusOf(std::string_view answer);
/// What follows the header.
std::string BodyOf(const std::string& answer);
/// Value of the header `name` (exact case), "" when absent.
std::string HeaderOf(const std::string& answer, const std::string& name);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_TESTS_HTTP_RAW_SOCKET_H_
