// SPDX-License-Identifier: MIT
#include "http/gate.h"

#include <string>

#include "support/catch.h"

namespace stacksampler::http {
namespace {

// 0 when the request may pass.
int StatusFor(const std::string& request_line, const std::string& header_lines) {
  const auto head = ParseRequestHead(request_line + "\r\n" + header_lines + "\r\n");
  REQUIRE(head.has_value());
  const auto refusal = RefusalOfRequest(*head, {{"profiles.example"}, "call somebody", ""});
  return refusal ? refusal->status : 0;
}

int StatusForHost(const std::string& host) {
  return StatusFor("GET / HTTP/1.1", "Host: " + host + "\r\n");
}

}  // namespace

TEST_CASE("Gate: passes a plain GET under an address, a loopback name or an allowed name") {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:16384", "10.1.2.3", "[::1]", "[::1]:80", "[fe80::1]", "localhost",
        "LocalHost:9999", "profiles.example", "Profiles.Example:80"}) {
    CAPTURE(host);
    CHECK(StatusForHost(host) == 0);
  }
}

TEST_CASE("Gate: refuses the names of other sites, so that DNS rebinding reads nothing") {
  for (const char* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost",
        "xprofiles.example", "profiles.example.evil", "1.2.3.4.5", "0x7f.1:80"}) {
    CAPTURE(host);
    CHECK(StatusForHost(host) == 421);
  }
}

TEST_CASE("Gate: a refused name's answer says how to allow it, and does not repeat it") {
  const auto head = ParseRequestHead("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  const auto refusal = RefusalOfRequest(*head, {{}, "start it with --allow-host NAME", ""});
  REQUIRE(refusal.has_value());
  CHECK(refusal->body.find("start it with --allow-host NAME.") != std::string::npos);
  CHECK(refusal->body.find("evil") == std::string::npos);
}

TEST_CASE("Gate: refuses a Host header that is malformed, missing or doubled") {
  for (const char* host : {"", "::1", "[::1", "localhost:80:80", "localhost:x", "a b",
                           "a@localhost", "localhost,evil.example", "http://localhost/"}) {
    CAPTURE(host);
    CHECK(StatusForHost(host) == 400);
  }
  CHECK(StatusFor("GET / HTTP/1.1", "") == 400);
  CHECK(StatusFor("GET / HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n") == 400);
  CHECK(StatusFor("GET / HTTP/1.0", "") == 0);
  CHECK(StatusFor("GET / HTTP/1.0", "Host: evil.example\r\n") == 421);
}

TEST_CASE("Gate: refuses every method but GET and says which one it takes") {
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get",
                             "PRI", "PATCH", "X-ANY"}) {
    CAPTURE(method);
    const auto head =
        ParseRequestHead(std::string(method) + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(head.has_value());
    const auto refusal = RefusalOfRequest(*head, {{}, "call somebody", ""});
    REQUIRE(refusal.has_value());
    CHECK(refusal->status == 405);
    REQUIRE(refusal->headers.size() == 1);
    CHECK(refusal->headers[0].first == "Allow");
    CHECK(refusal->headers[0].second == "GET");
    CHECK(refusal->body.empty() == (std::string(method) == "HEAD"));
  }
}

TEST_CASE("Gate: refuses bodies however they are announced, and ranges") {
  const std::string host = "Host: localhost\r\n";
  CHECK(StatusFor("GET / HTTP/1.1", host + "Content-Length: 0\r\n") == 0);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Content-Length: 1\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Content-Length: -1\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Content-Length: 0x0\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Content-Length: 0\r\nContent-Length: 9\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Transfer-Encoding: chunked\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "transfer-encoding: identity\r\n") == 413);
  CHECK(StatusFor("GET / HTTP/1.1", host + "Range: bytes=0-1\r\n") == 416);
}

TEST_CASE("Gate: names the limit that a head broke") {
  CHECK(RefusalOfHead(HeadState::kMalformed).status == 400);
  CHECK(RefusalOfHead(HeadState::kFirstLineTooLong).status == 414);
  CHECK(RefusalOfHead(HeadState::kLineTooLong).status == 431);
  CHECK(RefusalOfHead(HeadState::kTooManyLines).status == 431);
  CHECK(RefusalOfHead(HeadState::kTooLarge).status == 431);
}

TEST_CASE("Gate: plain HTTP where TLS is spoken is told to write https") {
  const Response refusal = RefusalOfHead(HeadState::kNotTls);
  CHECK(refusal.status == 400);
  CHECK(refusal.body.find("write https://") != std::string::npos);
}

TEST_CASE("Gate: a stranger is told of the token, by headers alone when it asked for those") {
  for (const std::string method : {"GET", "HEAD"}) {
    const auto head = ParseRequestHead(method + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(head.has_value());
    const auto refusal = RefusalOfRequest(*head, {{}, "call somebody", "0123456789abcdef"});
    REQUIRE(refusal.has_value());
    CHECK(refusal->status == 401);
    CHECK(refusal->headers.size() == 2);
    CHECK(refusal->body.empty() == (method == "HEAD"));
  }
}

}  // namespace stacksampler::http
