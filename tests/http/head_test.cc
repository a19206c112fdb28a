// SPDX-License-Identifier: MIT
#include "http/head.h"

#include <string>

#include "support/catch.h"

namespace stacksampler::http {
namespace {

HeadState ScanWhole(const std::string& bytes, const HeadLimits& limits = {}) {
  return HeadScanner(limits).Scan(bytes);
}

}  // namespace

TEST_CASE("HeadScanner: finds the end of a head whatever the pieces it arrives in") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string bytes = head + "GET /second HTTP/1.1\r\n\r\n";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    HeadScanner scanner({});
    HeadState state = HeadState::kIncomplete;
    for (size_t size = step; state == HeadState::kIncomplete; size += step) {
      state = scanner.Scan(std::string_view(bytes).substr(0, size));
    }
    CHECK(state == HeadState::kComplete);
    CHECK(scanner.head_bytes() == head.size());
  }
}

TEST_CASE("HeadScanner: every strict prefix of a head is incomplete") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t size = 0; size < head.size(); ++size) {
    CHECK(ScanWhole(head.substr(0, size)) == HeadState::kIncomplete);
  }
}

TEST_CASE("HeadScanner: rejects CR and LF that do not come as a pair") {
  CHECK(ScanWhole("GET / HTTP/1.1\n") == HeadState::kMalformed);
  CHECK(ScanWhole("GET / HTTP/1.1\rHost") == HeadState::kMalformed);
  CHECK(ScanWhole("GET / HTTP/1.1\r\r\n") == HeadState::kMalformed);
  CHECK(ScanWhole("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n") == HeadState::kMalformed);
}

TEST_CASE("HeadScanner: rejects control bytes and an empty first line") {
  CHECK(ScanWhole(std::string("GET /\0 HTTP/1.1\r\n", 17)) == HeadState::kMalformed);
  CHECK(ScanWhole("GET /\x1b[2J HTTP/1.1\r\n") == HeadState::kMalformed);
  CHECK(ScanWhole("GET /\x7f HTTP/1.1\r\n") == HeadState::kMalformed);
  CHECK(ScanWhole("\x16\x03\x01\x02") == HeadState::kMalformed);  // TLS
  CHECK(ScanWhole("\r\nGET / HTTP/1.1\r\n\r\n") == HeadState::kMalformed);
}

TEST_CASE("HeadScanner: a field's value may hold any byte of UTF-8") {
  CHECK(ScanWhole("GET / HTTP/1.1\r\nX: \xc3\xa9\xff\r\n\r\n") == HeadState::kComplete);
}

TEST_CASE("HeadScanner: each limit admits its own value and rejects one more") {
  const HeadLimits limits{20, 2, 50};
  const std::string line20(20, 'a');
  CHECK(ScanWhole(line20 + "\r\n\r\n", limits) == HeadState::kComplete);
  CHECK(ScanWhole(line20 + "a", limits) == HeadState::kFirstLineTooLong);
  CHECK(ScanWhole("a\r\n" + line20 + "\r\n\r\n", limits) == HeadState::kComplete);
  CHECK(ScanWhole("a\r\n" + line20 + "a", limits) == HeadState::kLineTooLong);
  CHECK(ScanWhole("a\r\nb\r\nc\r\n\r\n", limits) == HeadState::kComplete);
  CHECK(ScanWhole("a\r\nb\r\nc\r\nd\r\n", limits) == HeadState::kTooManyLines);
  const std::string bytes46 = line20 + "\r\n" + line20 + "\r\n" + "aa";
  CHECK(ScanWhole(bytes46 + "\r\n\r\n", limits) == HeadState::kComplete);
  CHECK(ScanWhole(bytes46 + "a\r\n\r\n", limits) == HeadState::kTooLarge);
}

TEST_CASE("ParseRequestHead: reads the parts of a request") {
  const auto head = ParseRequestHead(
      "GET /data?a=1 HTTP/1.1\r\nHost: web-1:80\r\nX-Empty:\r\nACCEPT:  text/html \t\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK(head->method == "GET");
  CHECK(head->target == "/data?a=1");
  CHECK_FALSE(head->http_1_0);
  REQUIRE(head->fields.size() == 3);
  CHECK(*FindField(head->fields, "host") == "web-1:80");
  CHECK(*FindField(head->fields, "x-empty") == "");
  CHECK(*FindField(head->fields, "accept") == "text/html");
  CHECK(FindField(head->fields, "cookie") == nullptr);
  CHECK(CountFields(head->fields, "host") == 1);
}

TEST_CASE("ParseRequestHead: rejects request lines that are not HTTP/1's") {
  for (const char* line :
       {"", "GET", "GET /", "GET / HTTP/1.1 x", "GET / HTTP/2.0", "GET / HTTP/0.9",
        "GET  / HTTP/1.1", "GET x HTTP/1.1", "GET http://a/ HTTP/1.1", "GET /#f HTTP/1.1",
        "GET /\ta HTTP/1.1", "G(T / HTTP/1.1", " / HTTP/1.1", "GET * HTTP/1.1", "GET / http/1.1"}) {
    CAPTURE(line);
    CHECK_FALSE(ParseRequestHead(std::string(line) + "\r\nHost: a\r\n\r\n").has_value());
  }
}

TEST_CASE("ParseRequestHead: tells HTTP/1.0 from HTTP/1.1") {
  const auto head = ParseRequestHead("GET / HTTP/1.0\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK(head->http_1_0);
}

TEST_CASE("ParseRequestHead: rejects header lines that another reader could read otherwise") {
  for (const char* line : {"Host : a", " Host: a", "\tfolded", "no colon", ": empty", "Ho st: a"}) {
    CAPTURE(line);
    CHECK_FALSE(ParseRequestHead(std::string("GET / HTTP/1.1\r\nX: y\r\n") + line + "\r\n\r\n")
                    .has_value());
  }
}

TEST_CASE("ParseResponseHead: reads status and fields, with a reason or without") {
  for (const char* line : {"HTTP/1.1 204 No Content", "HTTP/1.0 204", "HTTP/1.1 204 "}) {
    CAPTURE(line);
    const auto head = ParseResponseHead(std::string(line) + "\r\nServer: x\r\n\r\n");
    REQUIRE(head.has_value());
    CHECK(head->status == 204);
    CHECK(*FindField(head->fields, "server") == "x");
  }
}

TEST_CASE("ParseResponseHead: rejects what is no status line") {
  for (const char* line : {"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 X", "HTTP/1.1 -20 X",
                           "HTTP/2 200 OK", "ICY 200 OK", "<html>", "HTTP/1.1  200 OK"}) {
    CAPTURE(line);
    CHECK_FALSE(ParseResponseHead(std::string(line) + "\r\n\r\n").has_value());
  }
}

}  // namespace stacksampler::http
