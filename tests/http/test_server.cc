// SPDX-License-Identifier: MIT
#include "http/test_server.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "http/deadline.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

std::string Show(const Request& request) {
  return request.path + '\n' + request.remote_address + '\n' + request.Param("name") + '\n' +
         request.Header(request.Param("name")) + '\n';
}

}  // namespace

TestServer::TestServer(ServerOptions options) {
  options.port = 0;
  auto server = Server::Listen(options, [this](const Request& request) { return Handle(request); });
  REQUIRE(server.ok());
  server_ = *std::move(server);
}

Response TestServer::Handle(const Request& request) {
  ++requests_;
  Response response;
  response.body = "fine\n";
  if (request.HasParam("reset")) ++resets_;
  if (request.path == "/big") response.body.assign(std::stoul(request.Param("bytes")), 'b');
  if (request.path == "/throw") throw std::runtime_error("secret");
  if (request.path == "/show") response.body = Show(request);
  if (request.path == "/echo") response.headers.emplace_back("X-Echo", request.Param("text"));
  if (request.path == "/wait") {
    ++waiting_;
    is_released_.wait(false);
  }
  return response;
}

void TestServer::AwaitCounter(uint64_t ServerCounters::*counter, uint64_t value) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(20));
  while (server_->counters().*counter < value && !deadline.passed()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const ServerCounters now = server_->counters();
  CAPTURE(now.accepted, now.answered, now.refused, now.timed_out, now.evicted, now.turned_away,
          now.left);
  REQUIRE(now.*counter >= value);
}

}  // namespace stacksampler::http
