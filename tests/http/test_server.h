// SPDX-License-Identifier: MIT
//
// Purpose: a Server with a handler that shows what reached it.
#ifndef STACKSAMPLER_TESTS_HTTP_TEST_SERVER_H_
#define STACKSAMPLER_TESTS_HTTP_TEST_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "http/server.h"

namespace stacksampler::http {

/// Returns when `condition` holds; fails the test when it does not come to that.
void Await(const std::function<bool()>& condition);

/// Defaults whose deadlines a test machine under any load meets.
ServerOptions PatientOptions();

/// "/" says "fine" and counts in resets() what asks for `reset`; "/big?bytes=N" sends N bytes;
/// "/throw" throws; "/wait" waits for Release(); "/show?name=n" shows path, address, the parameter
/// "name" and the header n, one a line; "/echo?text=..." sends the text in a header.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = PatientOptions());
  ~TestServer() { Release(); }

  [[nodiscard]] uint16_t port() const { return server_->port(); }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int resets() const { return resets_; }
  /// Of /wait requests, those that the handler has begun.
  [[nodiscard]] int waiting() const { return waiting_; }
  void Release() {
    is_released_ = true;
    is_released_.notify_all();
  }
  Server& server() { return *server_; }
  /// Lets the loop see what the peers did: returns when the counter has reached `value`.
  void AwaitCounter(uint64_t ServerCounters::*counter, uint64_t value);

 private:
  Response Handle(const Request& request);

  std::atomic<int> requests_{0};
  std::atomic<int> resets_{0};
  std::atomic<int> waiting_{0};
  std::atomic<bool> is_released_{false};
  std::unique_ptr<Server> server_;
};

}  // namespace stacksampler::http

#endif  // STACKSAMPLER_TESTS_HTTP_TEST_SERVER_H_
