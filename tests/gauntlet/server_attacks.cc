// SPDX-License-Identifier: MIT
#include "gauntlet/server_attacks.h"

#include <chrono>
#include <cstddef>
#include <random>
#include <thread>

#include "base/gzip.h"
#include "http/raw_socket.h"

namespace stacksampler {
namespace {

using http::GetRequest;
using http::RawSocket;

constexpr size_t kFloodBytes = size_t{64} << 20;
constexpr int kMany = 1000;
constexpr char kInEachAnswer[] = "X-Content-Type-Options";
const std::string kHost = "Host: localhost\r\n";

std::string Repeated(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// The status of the only answer there may be.
std::string OneAnswer(const std::string& answer) {
  if (answer.empty()) return "closed";
  const size_t first = answer.find(kInEachAnswer);
  if (answer.find(kInEachAnswer, first + 1) != std::string::npos) return "TWO ANSWERS";
  return std::to_string(http::StatusOf(answer));
}

Attack Sends(std::string name, std::string request) {
  return {std::move(name), [request = std::move(request)](uint16_t port) {
            return OneAnswer(http::Ask(port, request));
          }};
}

// `opening`, then `block` until the server has had enough of it.
Attack Floods(std::string name, std::string opening, std::string block) {
  return {std::move(name),
          [opening = std::move(opening), block = std::move(block)](uint16_t port) -> std::string {
            RawSocket socket(port);
            bool is_open = socket.Send(opening);
            for (size_t sent = 0; is_open && sent < kFloodBytes; sent += block.size()) {
              is_open = socket.Send(block);
            }
            return is_open ? "READS ON" : OneAnswer(socket.ReceiveAll());
          }};
}

std::string Served(uint16_t port) {
  return IsServed(port) ? "others are served" : "OTHERS ARE NOT SERVED";
}

// A thousand peers that each send `bytes` and then wait.
Attack Crowd(std::string name, std::string bytes, int receive_buffer_bytes = 0) {
  return {std::move(name), [bytes = std::move(bytes), receive_buffer_bytes](uint16_t port) {
            std::vector<RawSocket> crowd;
            for (int i = 0; i < kMany; ++i) {
              crowd.emplace_back(port, receive_buffer_bytes);
              crowd.back().Send(bytes);
            }
            return Served(port);
          }};
}

std::string ResetInEveryPhase(uint16_t port) {
  const std::string request = GetRequest("/");
  for (size_t i = 0; i < kMany; ++i) {
    RawSocket socket(port);
    socket.Send(request.substr(0, i % (request.size() + 1)));
    socket.Reset();
  }
  return Served(port);
}

std::string DamagedRequests(uint16_t port) {
  std::mt19937_64 random(12345);
  const std::string request = GetRequest("/?x=y&z=%20a", "Accept-Encoding: gzip\r\n");
  for (int i = 0; i < 2 * kMany; ++i) {
    std::string damaged = request;
    for (size_t hits = 1 + random() % 4; hits > 0; --hits) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    RawSocket(port).Send(damaged.substr(0, 1 + random() % damaged.size()));
  }
  return Served(port);
}

void AddFloods(std::vector<Attack>* attacks) {
  const std::string block(65536, 'a');
  const std::string chunk = "10000\r\n" + block + "\r\n";
  const std::string get = "GET / HTTP/1.1\r\n" + kHost;
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
  attacks->insert(
      attacks->end(),
      {Floods("endless request line", "GET /", block),
       Floods("endless header line", get + "X: ", block),
       Floods("endless header lines", get, Repeated("A: 1\r\n", 10'000)),
       Floods("endless chunked body to no route", "POST /none HTTP/1.1\r\n" + kHost + chunked,
              chunk),
       Floods("endless chunked body of a GET", get + chunked, chunk),
       Floods("endless counted body", get + "Content-Length: 99999999999\r\n\r\n", chunk),
       Floods("endless zero bytes", "", std::string(65536, '\0'))});
}

void AddLimits(std::vector<Attack>* attacks) {
  const std::string bomb = GzipCompress(std::string(size_t{100} << 20, '\0'));
  attacks->insert(
      attacks->end(),
      {Sends("request line of 9,000 bytes", GetRequest("/" + std::string(9000, 'a'))),
       Sends("path of 4,000 bytes", GetRequest("/" + std::string(4000, 'a'))),
       Sends("1,300 parameters", GetRequest("/?" + Repeated("a=&", 1300))),
       Sends("20 header lines of 4,000 bytes",
             GetRequest("/", Repeated("B: " + std::string(4000, 'b') + "\r\n", 20))),
       Sends("101 header lines", GetRequest("/", Repeated("C: c\r\n", 101))),
       Sends("gzip bomb of 100 MB", "POST /none HTTP/1.1\r\n" + kHost +
                                        "Content-Encoding: gzip\r\nContent-Length: " +
                                        std::to_string(bomb.size()) + "\r\n\r\n" + bomb),
       Sends("1,000 overlapping ranges",
             GetRequest("/", "Range: bytes=" + Repeated("0-,", 1000) + "0-\r\n")),
       Sends("2,500 overlapping ranges",
             GetRequest("/", "Range: bytes=" + Repeated("0-,", 2500) + "0-\r\n"))});
}

void AddSmuggling(std::vector<Attack>* attacks) {
  const std::string reset = "GET /?reset=true HTTP/1.1\r\n" + kHost + "\r\n";
  const std::string length = "Content-Length: " + std::to_string(reset.size()) + "\r\n";
  attacks->insert(
      attacks->end(),
      {Sends("second request behind the first", GetRequest("/") + reset),
       Sends("second request as a body", GetRequest("/", length) + reset),
       Sends("Content-Length and Transfer-Encoding",
             GetRequest("/", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n" +
                 reset),
       Sends("two Content-Lengths", GetRequest("/", "Content-Length: 0\r\n" + length) + reset),
       Sends("signed Content-Length", GetRequest("/", "Content-Length: +0\r\n")),
       Sends("Transfer-Encoding with a space before its colon",
             GetRequest("/", "Transfer-Encoding : chunked\r\n") + "0\r\n\r\n" + reset),
       Sends("Transfer-Encoding of an unknown coding",
             GetRequest("/", "Transfer-Encoding: xchunked\r\n")),
       Sends("folded header line", GetRequest("/", "X: a\r\n Content-Length: 5\r\n")),
       Sends("negative chunk",
             "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n"),
       Sends("line feeds alone", "GET / HTTP/1.1\nHost: localhost\n\n"),
       Sends("carriage return within a line", GetRequest("/", "X: a\rContent-Length: 5\r\n")),
       Sends("NUL in a header", GetRequest("/", std::string("X: a\0b\r\n", 8))),
       Sends("header without a name", GetRequest("/", ": x\r\n")),
       Sends("Expect: 100-continue",
             GetRequest("/", "Expect: 100-continue\r\nContent-Length: 5\r\n")),
       Sends("Upgrade: websocket",
             GetRequest("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"))});
}

void AddMethodsAndNames(std::vector<Attack>* attacks) {
  const auto raw = [](const std::string& line, const std::string& headers = kHost) {
    return line + "\r\n" + headers + "\r\n";
  };
  attacks->insert(
      attacks->end(),
      {Sends("HEAD /?reset=true", raw("HEAD /?reset=true HTTP/1.1")),
       Sends("DELETE", raw("DELETE / HTTP/1.1")), Sends("TRACE", raw("TRACE / HTTP/1.1")),
       Sends("OPTIONS of another site",
             raw("OPTIONS / HTTP/1.1", kHost + "Origin: http://evil.example\r\n")),
       Sends("CONNECT to elsewhere", raw("CONNECT evil.example:443 HTTP/1.1")),
       Sends("absolute target", raw("GET http://evil.example/ HTTP/1.1")),
       Sends("foreign Host (DNS rebinding)",
             raw("GET /?reset=true HTTP/1.1", "Host: evil.example\r\n")),
       Sends("Host that ends like ours", raw("GET / HTTP/1.1", "Host: localhost.evil.example\r\n")),
       Sends("Host with a user", raw("GET / HTTP/1.1", "Host: a@localhost\r\n")),
       Sends("two Hosts", raw("GET / HTTP/1.1", kHost + "Host: evil.example\r\n")),
       Sends("no Host", raw("GET / HTTP/1.1", "")),
       Sends("reset by a page of another site",
             GetRequest("/?reset=true", "Sec-Fetch-Site: cross-site\r\n")),
       Sends("window read by a page of another site",
             GetRequest("/window?reader=evil", "Origin: http://evil.example\r\n")),
       Sends("forged REMOTE_ADDR", GetRequest("/", "REMOTE_ADDR: 6.6.6.6\r\n")),
       Sends("escaped line end in a header", GetRequest("/", "X: a%0d%0aSet-Cookie: b\r\n"))});
}

void AddPathsAndProtocols(std::vector<Attack>* attacks) {
  attacks->insert(
      attacks->end(),
      {Sends("NUL in a path", GetRequest("/index.html%00.css")),
       Sends("line end in a path", GetRequest("/a%0d%0aSet-Cookie:%20b")),
       Sends("path that climbs", GetRequest("/../../../etc/passwd")),
       Sends("path that climbs, escaped", GetRequest("/%2e%2e%2f%2e%2e%2fetc%2fpasswd")),
       Sends("broken escapes", GetRequest("/?a=%zz%4")),
       Sends("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
       Sends("TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)),
       Sends("HTTP/0.9", "GET /\r\n\r\n"),
       Sends("HTTP/3.7", "GET / HTTP/3.7\r\n" + kHost + "\r\n"),
       {"2,000 damaged requests", DamagedRequests},
       Crowd("1,000 peers that say nothing", ""),
       Crowd("1,000 peers in the middle of a header", "GET / HTTP/1.1\r\nHost: local"),
       Crowd("1,000 peers that do not read their answer", GetRequest("/"), 4096),
       {"1,000 resets, after every byte", ResetInEveryPhase}});
}

}  // namespace

bool IsServed(uint16_t port) {
  constexpr int kTries = 1000;
  int status = 503;
  for (int i = 0; i < kTries && status == 503; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    status = http::StatusOf(http::Ask(port, GetRequest("/")));
  }
  return status == 200;
}

std::vector<Attack> ServerAttacks() {
  std::vector<Attack> attacks;
  AddFloods(&attacks);
  AddLimits(&attacks);
  AddSmuggling(&attacks);
  AddMethodsAndNames(&attacks);
  AddPathsAndProtocols(&attacks);
  return attacks;
}

}  // namespace stacksampler
