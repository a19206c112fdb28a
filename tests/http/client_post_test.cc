// SPDX-License-Identifier: MIT
//
// Requests with a body.
#include <sys/socket.h>

#include <string>

#include "http/client.h"
#include "http/hostile_server.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string ReceiveBytes(int fd, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t count = recv(fd, bytes.data(), size, MSG_WAITALL);
  bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return bytes;
}

}  // namespace

TEST_CASE("Client: a POST sends its body byte for byte, under its length") {
  std::string sent;
  for (int i = 0; i < 100'000; ++i) sent.push_back(static_cast<char>(i * 7));
  std::string behind_head;
  size_t head_bytes = 0;
  HostileServer* self = nullptr;
  HostileServer server([&](int fd) {
    head_bytes = self->request().find("\r\n\r\n") + 4;
    const std::string begun = self->request().substr(head_bytes);
    behind_head = begun + ReceiveBytes(fd, sent.size() - begun.size());
    SendTo(fd, kOk);
  });
  self = &server;
  FetchOptions options;
  options.headers = {{"X-ClickHouse-User", "a b"}};
  const auto fetched = Post("127.0.0.1", server.port(), "/?a=b", sent, options);
  REQUIRE(fetched.ok());
  CHECK(fetched->body == "ok");
  CHECK(behind_head == sent);
  const std::string head = server.request().substr(0, head_bytes);
  CHECK(head.rfind("POST /?a=b HTTP/1.1\r\n", 0) == 0);
  CHECK(head.find("Content-Length: 100000\r\n") != std::string::npos);
  CHECK(head.find("X-ClickHouse-User: a b\r\n") != std::string::npos);
}

TEST_CASE("Client: what a server says that does not read the body to its end is heard") {
  HostileServer server("HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nwrong");
  const auto fetched = Post("127.0.0.1", server.port(), "/", std::string(16 << 20, 'x'));
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 401);
  CHECK(fetched->body == "wrong");
}

TEST_CASE("Client: a body past its limit is not sent, and the error says so") {
  HostileServer server{std::string(kOk)};
  FetchOptions options;
  options.max_sent_bytes = 10;
  const auto refused = Post("127.0.0.1", server.port(), "/", std::string(11, 'x'), options);
  CHECK(refused.status().code() == StatusCode::kResourceExhausted);
  CHECK(refused.status().message().find("11 bytes") != std::string::npos);
  CHECK(Post("127.0.0.1", server.port(), "/", std::string(10, 'x'), options).ok());
}

TEST_CASE("Client: a POST is sent once, also to a server that knows no such name") {
  int asked = 0;
  HostileServer server([&](int fd) {
    ++asked;
    SendTo(fd, "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n");
  });
  const auto fetched = Post("localhost", server.port(), "/", "body");
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 421);
  CHECK(asked == 1);
}

TEST_CASE("Client: a header that would smuggle another one is refused") {
  FetchOptions options;
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"A b", "c"}, {"A:", "c"}, {"A\r\nB", "c"}, {"", "c"}, {"A", "b\r\nC: d"}}) {
    CAPTURE(name, value);
    options.headers = {{name, value}};
    CHECK(Post("127.0.0.1", 1, "/", "x", options).status().code() == StatusCode::kInvalidArgument);
    CHECK(Get("127.0.0.1", 1, "/", options).status().code() == StatusCode::kInvalidArgument);
  }
}

}  // namespace stacksampler::http
