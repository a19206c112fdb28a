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

void Await(const std::function<bool()>& condition) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(60));
  while (!condition() && !deadline.passed()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(condition());
}

ServerOptions PatientOptions() {
  ServerOptions options;
  options.header_deadline = std::chrono::seconds(100);
  options.response_deadline = std::chrono::seconds(100);
  return options;
}

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
  Await([&] { return server_->counters().*counter >= value; });
}

}  // namespace stacksampler::http
