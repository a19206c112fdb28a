// SPDX-License-Identifier: MIT
//
// Purpose: a server that says whatever a test wants, to whoever asks.
#ifndef STACKSAMPLER_TESTS_HTTP_HOSTILE_SERVER_H_
#define STACKSAMPLER_TESTS_HTTP_HOSTILE_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "http/listener.h"

namespace stacksampler::http {

class HostileServer {
 public:
  /// `fd`: a blocking socket, closed afterwards, whose peer has sent its request.
  using Talk = std::function<void(int fd)>;

  explicit HostileServer(Talk talk);
  enum class Begin { kAtOnce };
  /// Talks before the peer has said anything.
  HostileServer(Begin begin, Talk talk);
  /// Sends `answer` and closes.
  explicit HostileServer(std::string answer);
  ~HostileServer();

  [[nodiscard]] uint16_t port() const { return listener_.port; }
  /// Of the last request. REQUIRES: it was answered.
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  HostileServer(Talk talk, bool reads_request);
  void Run();

  const Talk talk_;
  const bool reads_request_;
  Listener listener_;
  std::string request_;
  std::thread thread_;
};

/// False when the peer has gone.
bool SendTo(int fd, std::string_view bytes);
/// Sends `block` until the peer has gone.
void SendForever(int fd, std::string_view block);

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_TESTS_HTTP_HOSTILE_SERVER_H_
