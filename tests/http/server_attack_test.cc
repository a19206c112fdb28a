// SPDX-License-Identifier: MIT
// What kills, fills or fools a plain server over cpp-httplib 0.11.4, each as a test. After each the
// server answers as before.
#include <cstdint>
#include <string>
#include <vector>

#include "base/gzip.h"
#include "http/process_state.h"
#include "http/raw_socket.h"
#include "http/server.h"
#include "http/test_server.h"
#include "support/catch.h"

namespace stacksampler::http {
namespace {

constexpr size_t kMaxGrowthBytes = 16 << 20;
constexpr size_t kFloodBytes = 64 << 20;

std::string Repeated(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// Sends `opening`, then `block` again and again until the server has had enough of it, and returns
// the server's answer. The memory of the process must not follow.
std::string Flood(uint16_t port, const std::string& opening, const std::string& block) {
  const size_t before = ResidentBytes();
  RawSocket socket(port);
  bool is_open = socket.Send(opening);
  size_t largest = before;
  for (size_t sent = 0; is_open && sent < kFloodBytes; sent += block.size()) {
    is_open = socket.Send(block);
    largest = std::max(largest, ResidentBytes());
  }
  CHECK_FALSE(is_open);
  CHECK(largest - before <= kMaxGrowthBytes);
  return socket.ReceiveAll();
}

void CheckServes(TestServer& server) {
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
}

}  // namespace

TEST_CASE("Server attack: an endless request line is a 414") {
  TestServer server;
  CHECK(StatusOf(Flood(server.port(), "GET /", std::string(65536, 'a'))) == 414);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/" + std::string(8000, 'a')))) == 414);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: endless header lines, long or many, are a 431") {
  TestServer server;
  const std::string opening = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(StatusOf(Flood(server.port(), opening + "X: ", std::string(65536, 'a'))) == 431);
  CHECK(StatusOf(Flood(server.port(), opening, Repeated("A: 1\r\n", 10000))) == 431);
  const std::string long_lines = Repeated("B: " + std::string(4000, 'b') + "\r\n", 20);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/", long_lines))) == 431);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: an endless body is refused unread, chunked or counted") {
  TestServer server;
  const std::string chunk = "10000\r\n" + std::string(65536, 'c') + "\r\n";
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  const std::string chunked = host + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(StatusOf(Flood(server.port(), "POST /none" + chunked, chunk)) == 405);
  CHECK(StatusOf(Flood(server.port(), "GET /" + chunked, chunk)) == 413);
  CHECK(StatusOf(Flood(server.port(), "GET /" + host + "Content-Length: 99999999999\r\n\r\n",
                       chunk)) == 413);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: a negative chunk is never looked at") {
  TestServer server;
  const std::string request =
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n";
  CHECK(StatusOf(Ask(server.port(), request)) == 405);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: a gzip bomb is never inflated") {
  TestServer server;
  const size_t before = ResidentBytes();
  const std::string bomb = GzipCompress(std::string(8 << 20, '\0'));
  const size_t built = ResidentBytes();
  const std::string answer =
      Ask(server.port(),
          "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
          "Content-Length: " +
              std::to_string(bomb.size()) + "\r\n\r\n" + bomb);
  CHECK(StatusOf(answer) == 405);
  CHECK(ResidentBytes() <= std::max(before, built) + kMaxGrowthBytes);
  CHECK(server.requests() == 0);
}

TEST_CASE("Server attack: overlapping ranges are refused") {
  TestServer server;
  const std::string target = "/big?bytes=10000000";
  CHECK(StatusOf(Ask(server.port(), GetRequest(target, "Range: bytes=" + Repeated("0-,", 1000) +
                                                           "0-\r\n"))) == 416);
  CHECK(StatusOf(Ask(server.port(), GetRequest(target, "Range: bytes=" + Repeated("0-,", 2500) +
                                                           "0-\r\n"))) == 431);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: bytes behind a request are never a second request") {
  TestServer server;
  const std::string second = "GET /?reset=true HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string pipelined = Ask(server.port(), GetRequest("/") + second);
  CHECK(StatusOf(pipelined) == 200);
  CHECK(BodyOf(pipelined) == "fine\n");
  const std::string as_body =
      Ask(server.port(),
          GetRequest("/", "Content-Length: " + std::to_string(second.size()) + "\r\n") + second);
  CHECK(StatusOf(as_body) == 413);
  CHECK(as_body.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(server.requests() == 1);
  CHECK(server.resets() == 0);
}

TEST_CASE("Server attack: HEAD is refused before the handler, and without a body") {
  TestServer server;
  const std::string answer =
      Ask(server.port(), "HEAD /?reset=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(StatusOf(answer) == 405);
  CHECK(HeaderOf(answer, "Allow") == "GET");
  CHECK(BodyOf(answer) == "");
  CHECK(server.requests() == 0);
  CHECK(server.resets() == 0);
}

TEST_CASE("Server attack: a foreign Host is refused before the handler") {
  TestServer server;
  const std::string answer =
      Ask(server.port(), "GET /?reset=true HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(StatusOf(answer) == 421);
  CHECK(BodyOf(answer).find("allowed hosts") != std::string::npos);
  CHECK(server.resets() == 0);
}

TEST_CASE("Server attack: a REMOTE_ADDR header does not change the peer's address") {
  TestServer server;
  const std::string answer =
      Ask(server.port(), GetRequest("/show?name=x", "REMOTE_ADDR: 6.6.6.6\r\n"));
  CHECK(BodyOf(answer) == "/show\n127.0.0.1\nx\n\n");
}

TEST_CASE("Server attack: an escaped line end stays text in a header value") {
  TestServer server;
  const std::string answer =
      Ask(server.port(), GetRequest("/show?name=x-one", "X-One: a%0d%0aX-Two:b\r\n"));
  CHECK(BodyOf(answer) == "/show\n127.0.0.1\nx-one\na%0d%0aX-Two:b\n");
}

TEST_CASE("Server attack: a line end in a parameter cannot split an answer") {
  TestServer server;
  const std::string answer =
      Ask(server.port(), GetRequest("/echo?text=a%0d%0aSet-Cookie:%20evil%0d%0a%0d%0a<script>"));
  CHECK(answer.find("Set-Cookie") == std::string::npos);
  CHECK(answer.find("<script>") == std::string::npos);
  CHECK(HeaderOf(Ask(server.port(), GetRequest("/echo?text=plain")), "X-Echo") == "plain");
}

TEST_CASE("Server attack: control bytes in a path, escaped or not, are a 400") {
  TestServer server;
  CHECK(StatusOf(Ask(server.port(), GetRequest("/%00"))) == 400);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/show%00.css"))) == 400);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/%0a"))) == 400);
  CHECK(StatusOf(Ask(server.port(), GetRequest("/\x01"))) == 400);
  CHECK(server.requests() == 0);
}

TEST_CASE("Server attack: what is not HTTP is a 400 at its first wrong byte") {
  TestServer server;
  CHECK(StatusOf(Ask(server.port(), "\x16\x03\x01\x02\x00\x01")) == 400);
  CHECK(StatusOf(Ask(server.port(), "GET / HTTP/1.1\nHost: localhost\n\n")) == 400);
  CHECK(StatusOf(Ask(server.port(), "PRI * HTTP/2.0\r\n\r\n")) == 400);
  CHECK(StatusOf(Ask(server.port(), "GET http://localhost/ HTTP/1.1\r\n\r\n")) == 400);
  CHECK(server.requests() == 0);
  CheckServes(server);
}

TEST_CASE("Server attack: thousands of damaged requests leave it as it was") {
  TestServer server;
  const std::string request = GetRequest("/show?name=x&y=%20z", "Accept-Encoding: gzip\r\n");
  uint32_t state = 12345;
  const auto random = [&state](size_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
  };
  const size_t before = SettledResidentBytes();
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = request;
    for (size_t hits = 1 + random(4); hits > 0; --hits) {
      damaged[random(damaged.size())] = static_cast<char>(random(256));
    }
    damaged.resize(1 + random(damaged.size()));
    RawSocket socket(server.port());
    REQUIRE(socket.connected());
    socket.Send(damaged);
  }
  CheckServes(server);
  CHECK(SettledResidentBytes() <= before + kMaxGrowthBytes);
}

}  // namespace stacksampler::http
