// SPDX-License-Identifier: MIT
#include "http/server.h"

#include <string>
#include <thread>
#include <vector>

#include "base/gzip.h"
#include "http/raw_socket.h"
#include "http/test_server.h"
#include "support/catch.h"

namespace stacksampler::http {

TEST_CASE("Server: answers a GET with body, length, and headers that keep browsers careful") {
  TestServer server;
  const std::string answer = Ask(server.port(), GetRequest("/"));
  CHECK(StatusOf(answer) == 200);
  CHECK(BodyOf(answer) == "fine\n");
  CHECK(HeaderOf(answer, "Content-Length") == "5");
  CHECK(HeaderOf(answer, "Content-Type") == "text/plain; charset=utf-8");
  CHECK(HeaderOf(answer, "Connection") == "close");
  CHECK(HeaderOf(answer, "X-Content-Type-Options") == "nosniff");
  CHECK(HeaderOf(answer, "Cache-Control") == "no-store");
  CHECK(HeaderOf(answer, "Referrer-Policy") == "no-referrer");
  CHECK(HeaderOf(answer, "Content-Security-Policy") ==
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
}

TEST_CASE("Server: decodes path and parameters alike over every cpp-httplib") {
  TestServer server;
  const auto show = [&](const std::string& target) {
    return BodyOf(Ask(server.port(), GetRequest(target, "X-One: 1\r\n")));
  };
  CHECK(show("/show?name=x-one") == "/show\n127.0.0.1\nx-one\n1\n");
  CHECK(show("/sh%6fw?a=1&name=x%20y+z") == "/show\n127.0.0.1\nx y z\n\n");
  CHECK(show("/show?name=a=b==") == "/show\n127.0.0.1\na=b==\n\n");
  CHECK(show("/show?name=what?why?") == "/show\n127.0.0.1\nwhat?why?\n\n");
  CHECK(show("/show?name=first&name=second") == "/show\n127.0.0.1\nfirst\n\n");
  CHECK(show("/show?name=%F0%9F%94%A5") == "/show\n127.0.0.1\n\xF0\x9F\x94\xA5\n\n");
  CHECK(show("/show?name=100%&x") == "/show\n127.0.0.1\n100%\n\n");
}

TEST_CASE("Server: compresses a large answer for a client that takes gzip, and only for it") {
  TestServer server;
  const std::string target = "/big?bytes=100000";
  const std::string packed =
      Ask(server.port(), GetRequest(target, "Accept-Encoding: br, gzip\r\n"));
  CHECK(HeaderOf(packed, "Content-Encoding") == "gzip");
  CHECK(HeaderOf(packed, "Content-Length") == std::to_string(BodyOf(packed).size()));
  const auto body = GzipDecompress(BodyOf(packed), 1 << 20);
  REQUIRE(body.ok());
  CHECK(*body == std::string(100000, 'b'));
  const std::string plain = Ask(server.port(), GetRequest(target, "Accept-Encoding: br\r\n"));
  CHECK(HeaderOf(plain, "Content-Encoding") == "");
  CHECK(BodyOf(plain) == std::string(100000, 'b'));
}

TEST_CASE("Server: sends an answer larger than every socket buffer whole") {
  TestServer server;
  const std::string answer = Ask(server.port(), GetRequest("/big?bytes=30000000"));
  CHECK(BodyOf(answer).size() == 30000000);
}

TEST_CASE("Server: a handler that throws makes a 500 that tells nothing") {
  TestServer server;
  const std::string answer = Ask(server.port(), GetRequest("/throw"));
  CHECK(StatusOf(answer) == 500);
  CHECK(answer.find("secret") == std::string::npos);
  CHECK(HeaderOf(answer, "X-Content-Type-Options") == "nosniff");
  CHECK(StatusOf(Ask(server.port(), GetRequest("/"))) == 200);
}

TEST_CASE("Server: an answer over the limit becomes a 500, not a memory problem") {
  TestServer server;
  CHECK(StatusOf(Ask(server.port(), GetRequest("/big?bytes=67108865"))) == 500);
}

TEST_CASE("Server: HTTP/1.0 clients need no Host header") {
  TestServer server;
  CHECK(StatusOf(Ask(server.port(), "GET / HTTP/1.0\r\n\r\n")) == 200);
}

TEST_CASE("Server: names on the allow-list, and the one it listens on, may be used") {
  ServerOptions options = PatientOptions();
  options.host = "localhost";
  options.allowed_hosts = {"Web-1"};
  auto server = Server::Listen(options, [](const Request&) { return Response{}; });
  REQUIRE(server.ok());
  CHECK((*server)->port() != 0);
  TestServer listed([] {
    ServerOptions o = PatientOptions();
    o.allowed_hosts = {"Web-1"};
    return o;
  }());
  CHECK(StatusOf(Ask(listed.port(), "GET / HTTP/1.1\r\nHost: web-1:80\r\n\r\n")) == 200);
  CHECK(StatusOf(Ask(listed.port(), "GET / HTTP/1.1\r\nHost: web-2:80\r\n\r\n")) == 421);
}

TEST_CASE("Server: the same port cannot be shared by a second one") {
  TestServer first;
  ServerOptions options = PatientOptions();
  options.port = first.port();
  const auto second = Server::Listen(options, [](const Request&) { return Response{}; });
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == StatusCode::kAlreadyExists);
  CHECK(second.status().message().find("127.0.0.1:" + std::to_string(first.port())) !=
        std::string::npos);
}

TEST_CASE("Server: the port is free again at once after Stop") {
  for (int i = 0; i < 3; ++i) {
    TestServer server;
    const uint16_t port = server.port();
    CHECK(StatusOf(Ask(port, GetRequest("/"))) == 200);
    server.server().Stop();
    ServerOptions options = PatientOptions();
    options.port = port;
    CHECK(Server::Listen(options, [](const Request&) { return Response{}; }).ok());
  }
}

TEST_CASE("Server: listens on IPv6 with brackets and without") {
  for (const char* host : {"::1", "[::1]"}) {
    ServerOptions options = PatientOptions();
    options.host = host;
    const auto server = Server::Listen(options, [](const Request&) { return Response{}; });
    // A machine without IPv6 is told which address it does not have.
    CHECK((server.ok() || server.status().message().find("[::1]:0") != std::string::npos));
  }
}

TEST_CASE("Server: several workers answer many clients at once, each its own answer") {
  ServerOptions options = PatientOptions();
  options.workers = 3;
  TestServer server(options);
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 25; ++i) {
        const std::string name = std::to_string(client) + "-" + std::to_string(i);
        const std::string body = BodyOf(Ask(server.port(), GetRequest("/show?name=" + name)));
        if (body == "/show\n127.0.0.1\n" + name + "\n\n") ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(right == 200);
  CHECK(server.requests() == 200);
}

TEST_CASE("Server: requests for the urgent path go before those that came earlier") {
  ServerOptions options = PatientOptions();
  options.urgent_path = "/window";
  std::atomic<int> begun{0};
  std::atomic<bool> may_end{false};
  std::string order;  // the worker's, until all are answered
  auto server = Server::Listen(options, [&](const Request& request) {
    order += request.path + request.Param("n");
    ++begun;
    may_end.wait(false);
    return Response{};
  });
  REQUIRE(server.ok());
  std::vector<RawSocket> sockets;
  for (const char* target : {"/?n=1", "/?n=2", "/windows", "/window?n=3", "/", "/window"}) {
    sockets.emplace_back((*server)->port());
    REQUIRE(sockets.back().Send(GetRequest(target)));
    Await([&] { return (*server)->counters().passed == sockets.size() && begun == 1; });
  }
  may_end = true;
  may_end.notify_all();
  for (RawSocket& socket : sockets) CHECK(StatusOf(socket.ReceiveAll()) == 200);
  CHECK(order == "/1/window3/window/2/windows/");
}

TEST_CASE("Server: options without which nothing can be served are refused") {
  const auto handler = [](const Request&) { return Response{}; };
  ServerOptions no_workers;
  no_workers.workers = 0;
  CHECK(Server::Listen(no_workers, handler).status().code() == StatusCode::kInvalidArgument);
  ServerOptions no_connections;
  no_connections.max_connections = 0;
  CHECK(Server::Listen(no_connections, handler).status().code() == StatusCode::kInvalidArgument);
  CHECK(Server::Listen({}, nullptr).status().code() == StatusCode::kInvalidArgument);
}

}  // namespace stacksampler::http
