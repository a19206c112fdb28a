// SPDX-License-Identifier: MIT
#include "http/client.h"

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "http/hostile_server.h"
#include "http/listener.h"
#include "http/test_server.h"
#include "stacksampler/version.h"
#include "support/catch.h"

namespace stacksampler::http {

TEST_CASE("Client: fetches status, headers and body from our server") {
  TestServer server;
  const auto fetched = Get("127.0.0.1", server.port(), "/show?name=host");
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 200);
  CHECK(fetched->headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK(fetched->body ==
        "/show\n127.0.0.1\nhost\n127.0.0.1:" + std::to_string(server.port()) + "\n");
}

TEST_CASE("Client: undoes gzip and takes names as well as addresses") {
  TestServer server;
  const auto fetched = Get("localhost", server.port(), "/big?bytes=1000000");
  REQUIRE(fetched.ok());
  CHECK(fetched->headers.at("content-encoding") == "gzip");
  CHECK(fetched->body == std::string(1000000, 'b'));
}

TEST_CASE("Client: a server that refuses the name is asked by its address") {
  TestServer server;
  const auto fetched = Get("127.1", server.port(), "/show?name=host");  // a name to the server
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 200);
  CHECK(fetched->body.find("\n127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
}

TEST_CASE("Client: sends one plain request and asks for the end of the connection") {
  HostileServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  REQUIRE(Get("127.0.0.1", server.port(), "/a?b=c%20d&e=f=g").ok());
  const std::string& request = server.request();
  CHECK(request.rfind("GET /a?b=c%20d&e=f=g HTTP/1.1\r\n", 0) == 0);
  const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
  for (const std::string& line :
       {host, std::string("Connection: close\r\n"), std::string("Accept-Encoding: gzip\r\n"),
        std::string("User-Agent: stackcollector/" STACKSAMPLER_VERSION_STRING "\r\n")}) {
    CAPTURE(line);
    CHECK(request.find(line) != std::string::npos);
  }
}

TEST_CASE("Client: reads bodies by length, by chunks and to the end of the connection") {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"}) {
    CAPTURE(answer);
    HostileServer server{std::string(answer)};
    const auto fetched = Get("127.0.0.1", server.port(), "/");
    REQUIRE(fetched.ok());
    CHECK(fetched->body == "hello");
  }
}

TEST_CASE("Client: does not wait for a server that keeps the connection open") {
  HostileServer server([](int fd) {
    SendTo(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    char byte = 0;
    while (recv(fd, &byte, 1, 0) > 0) {  // until the client closes
    }
  });
  const auto fetched = Get("127.0.0.1", server.port(), "/");
  REQUIRE(fetched.ok());
  CHECK(fetched->body == "hello");
}

TEST_CASE("Client: an HTTP error is an answer, redirects are shown, not followed") {
  HostileServer missing("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
  const auto fetched = Get("127.0.0.1", missing.port(), "/");
  REQUIRE(fetched.ok());
  CHECK(fetched->status == 404);
  CHECK(fetched->body == "none");
  HostileServer redirect(
      "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/%0d%0a\r\nContent-Length: 0\r\n\r\n");
  const auto redirected = Get("127.0.0.1", redirect.port(), "/");
  REQUIRE(redirected.ok());
  CHECK(redirected->status == 302);
  CHECK(redirected->headers.at("location") == "http://169.254.169.254/%0d%0a");
}

TEST_CASE("Client: a 204 has no body") {
  HostileServer server("HTTP/1.1 204 No Content\r\n\r\n");
  const auto fetched = Get("127.0.0.1", server.port(), "/");
  REQUIRE(fetched.ok());
  CHECK(fetched->body == "");
}

TEST_CASE("Client: a refused connection names the target") {
  uint16_t port = 0;
  {
    const auto listener = OpenListener("127.0.0.1", 0, 0);
    REQUIRE(listener.ok());
    port = listener->port;
  }
  const auto fetched = Get("127.0.0.1", port, "/data");
  REQUIRE_FALSE(fetched.ok());
  CHECK(fetched.status().code() == StatusCode::kNotFound);
  CHECK(fetched.status().message().find("GET http://127.0.0.1:" + std::to_string(port) +
                                        "/data: connect: ") == 0);
}

TEST_CASE("CVE-2026-21428: a header that would end its line is never sent") {
  TestServer server;
  const std::vector<std::pair<std::string, std::string>> forged = {{"X-Note", "a\r\nX-Forged: 1"},
                                                                   {"X-Note", "a\n"},
                                                                   {"X-Note\r\nX-Forged", "1"},
                                                                   {"X: a", "b"}};
  for (const auto& header : forged) {
    FetchOptions options;
    options.headers = {header};
    const auto fetched = Get("127.0.0.1", server.port(), "/", options);
    CHECK(fetched.status().code() == StatusCode::kInvalidArgument);
    CHECK(fetched.status().message().find(header.first) != std::string::npos);
  }
  CHECK(server.requests() == 0);
}

TEST_CASE("Client: a target that would smuggle a second request is refused") {
  for (const char* target : {"", "data", "/a b", "/a\r\nX: y", "/a\n", "http://a/"}) {
    CAPTURE(target);
    CHECK(Get("127.0.0.1", 1, target).status().code() == StatusCode::kInvalidArgument);
  }
  CHECK(Get("", 1, "/").status().code() == StatusCode::kInvalidArgument);
  CHECK(Get("a\r\nX: y", 1, "/").status().code() == StatusCode::kInvalidArgument);
}

}  // namespace stacksampler::http
